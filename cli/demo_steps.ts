/**
 * The steps of the demonstration. A step fails if it does not see what it waits for.
 *
 * @module
 */

import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import { MessageNackedError } from "../emulator/errors.ts";
import {
  sampleAttachInstanceNetworkInterfaces,
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
  sampleCredentials,
  samplePayload,
  sampleTaskArn,
  sampleTaskManifest,
  sampleUpdate,
} from "../emulator/samples/samples.ts";
import type { PostedMessage } from "../emulator/acs/outbox.ts";
import type { SessionEventMap } from "../session/reporting/events.ts";
import type { Session } from "../session/session.ts";
import { abortable } from "../internal/time_limit.ts";
import type { DryRunAgent } from "./dry_run_agent.ts";

/** The participants. */
export interface DemoStage {
  /** The service. */
  readonly emulator: AcsEmulator;
  /** The session with it. */
  readonly session: Session;
  /** The agent behind the session. */
  readonly agent: DryRunAgent;
  /** Aborts when time is up, or with {@linkcode DemoStage.interrupted}. */
  readonly signal: AbortSignal;
  /** Aborts when the user interrupts. */
  readonly interrupted: AbortSignal;
}

/** One step. */
export interface DemoStep {
  /** What must happen. */
  readonly title: string;
  /** Makes it happen and waits for it; throws if it does not. */
  play(stage: DemoStage): Promise<void>;
}

/** Waits for the next event of the session. */
function next<K extends keyof SessionEventMap>(
  { session, signal }: DemoStage,
  type: K,
): Promise<SessionEventMap[K]> {
  const happened = new Promise<SessionEventMap[K]>((resolve) =>
    session.addEventListener(type, ({ detail }) => resolve(detail), { once: true })
  );
  const awaited = abortable(happened, signal);
  // A failing step leaves others of these that nobody awaits any more.
  awaited.catch(() => {});
  return awaited;
}

async function acknowledged({ signal }: DemoStage, ...posted: PostedMessage[]): Promise<void> {
  await abortable(Promise.all(posted.map(({ acked }) => acked)), signal);
}

function insist(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

/** The steps, in order. */
export const DEMO_STEPS: readonly DemoStep[] = [
  {
    title: "the agent finds the service, connects and answers the first heartbeat",
    async play({ emulator, signal }) {
      await emulator.waitForMessage("HeartbeatAckRequest", { signal });
    },
  },
  {
    title: "a payload of two tasks is accepted, with the credentials of their roles",
    async play(stage) {
      const { emulator, agent } = stage;
      const posted = emulator.sendPayload(samplePayload(1, 2));
      await acknowledged(stage, posted);
      // Each task has a role and an execution role; a heartbeat's answer comes after theirs.
      await acknowledged(stage, emulator.sendHeartbeat());
      const credentialsAcks = emulator.received.filter(({ type, messageId }) =>
        type === "IAMRoleCredentialsAckRequest" && messageId === posted.messageId
      );
      insist(
        credentialsAcks.length === 4,
        `${credentialsAcks.length} of 4 credentials acknowledged`,
      );
      insist(agent.taskArns.length === 2, "the agent does not hold two tasks");
    },
  },
  {
    title: "network interfaces and a volume are announced",
    async play(stage) {
      const { emulator } = stage;
      await acknowledged(
        stage,
        emulator.attachTaskNetworkInterfaces(sampleAttachTaskNetworkInterfaces(1)),
        emulator.attachInstanceNetworkInterfaces(sampleAttachInstanceNetworkInterfaces(3)),
        emulator.confirmAttachment(sampleConfirmAttachment(1)),
      );
    },
  },
  {
    title: "a task's credentials are refreshed",
    async play(stage) {
      await acknowledged(stage, stage.emulator.sendCredentials(sampleCredentials(1)));
    },
  },
  {
    title: "a manifest lists one task only: the other is verified and stopped",
    async play(stage) {
      const { emulator, agent, signal } = stage;
      const verified = next(stage, "received");
      await acknowledged(stage, emulator.sendTaskManifest(sampleTaskManifest(1)));
      await emulator.waitForMessage("TaskStopVerificationMessage", { signal });
      await verified;
      // The verification has no acknowledgement; a heartbeat's comes after it.
      await acknowledged(stage, emulator.sendHeartbeat());
      insist(agent.taskArns.join() === sampleTaskArn(1), "the unlisted task was not stopped");
    },
  },
  {
    title: "updates are refused with a reason",
    async play(stage) {
      const { emulator, signal } = stage;
      for (
        const posted of [
          emulator.sendStageUpdate(sampleUpdate()),
          emulator.sendPerformUpdate(sampleUpdate()),
        ]
      ) {
        const outcome = posted.acked.then(
          () => "taken",
          (error) => error instanceof MessageNackedError ? "refused" : Promise.reject(error),
        );
        insist(await abortable(outcome, signal) === "refused", "the update was not refused");
      }
    },
  },
  {
    title: "messages without an answer, a broken frame and an unknown type change nothing",
    async play(stage) {
      const { emulator, session, signal } = stage;
      const reasons: string[] = [];
      session.addEventListener("dropped", ({ detail }) => reasons.push(detail.reason), { signal });
      emulator.sendError({ message: "something went wrong" });
      emulator.sendClose();
      emulator.sendRaw('{"InactiveInstanceException":"only a message, not a refusal"}');
      emulator.sendRaw('{"type":"PayloadMessage","message":{"tasks":"none"}}');
      emulator.sendRaw('{"type":"MessageFromTheFuture","message":{}}');
      await acknowledged(stage, emulator.sendHeartbeat());
      const expected = "unhandled unhandled unhandled undecodable unknown";
      insist(reasons.join(" ") === expected, `they were treated as ${reasons.join(" ")}`);
    },
  },
  {
    title: "the service closes the connection: the agent reconnects immediately",
    async play(stage) {
      const disconnected = next(stage, "disconnected");
      const connected = next(stage, "connected");
      stage.emulator.closeConnections();
      insist((await disconnected).clean, "the end was not treated as clean");
      await connected;
    },
  },
  {
    title: "the service refuses the next connection: the agent reports why, waits and reconnects",
    async play(stage) {
      const failed = next(stage, "connectfailed");
      const waiting = next(stage, "waiting");
      const connected = next(stage, "connected");
      stage.emulator.refuseNextUpgrade({
        status: 500,
        exception: "ServerException",
        message: "the service is restarting",
        // Some runtimes send a second request to learn why they were refused.
        next: 2,
      });
      stage.emulator.closeConnections();
      const { error } = await failed;
      insist(error.name === "ServerException", `it reported ${error.name}`);
      await waiting;
      await connected;
    },
  },
  {
    title: "a payload whose acknowledgement was lost is redelivered and acknowledged",
    async play(stage) {
      const { emulator } = stage;
      const connected = next(stage, "connected");
      const posted = emulator.sendPayload(samplePayload(3));
      emulator.endConnections();
      await connected;
      await acknowledged(stage, posted);
    },
  },
];
