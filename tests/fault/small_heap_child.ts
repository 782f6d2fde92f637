/**
 * A session with the default options, in a process with a small heap. Reports the cost of each
 * heartbeat, measured from the answer to the one before, and ends when it receives one with the id
 * `stop`.
 *
 * Arguments: the peer's URL, and what the handlers do, see `HANDLERS`.
 *
 * @module
 */

import process from "node:process";
import type { SessionOptions } from "../../session/options.ts";
import { Session } from "../../session/session.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS, FakeEcs } from "../testing/fakes/session_stage.ts";

const never = () => new Promise<never>(() => {});

const fail = (message: unknown): never => {
  throw new Error(`cannot handle ${JSON.stringify(message)}`, { cause: message });
};

/** What the handlers do with any message. */
const HANDLERS: Readonly<Record<string, Partial<SessionOptions>>> = {
  "finish": {
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
    eniHandler: { handleEniAttachment: () => {} },
    resourceHandler: { handleResourceAttachment: () => {} },
    taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [] },
    taskStopper: { stopTask: () => {} },
  },
  "never settle": {
    payloadMessageHandler: { processMessage: never },
    eniHandler: { handleEniAttachment: never },
    resourceHandler: { handleResourceAttachment: never },
    taskComparer: { compareRunningTasksOnInstanceWithManifest: never },
    taskStopper: { stopTask: never },
    credentialsMetadataSetter: {
      setTaskRoleCredentialsMetadata: never,
      setExecRoleCredentialsMetadata: never,
    },
  },
  "fail and quote it": {
    payloadMessageHandler: { processMessage: fail },
    eniHandler: { handleEniAttachment: fail },
    resourceHandler: { handleResourceAttachment: fail },
    taskComparer: { compareRunningTasksOnInstanceWithManifest: fail },
    taskStopper: { stopTask: fail },
  },
};

/** The cost of one heartbeat, including everything that arrived before it. */
export interface HeartbeatReport {
  /** The heartbeat's id. */
  readonly id: string;
  /** The CPU time since the previous answer, in ms. */
  readonly processorMs: number;
  /** The resident memory, in bytes. */
  readonly residentBytes: number;
}

const [, , url = "", handlers = ""] = process.argv;
const ecs = new FakeEcs();
ecs.answers = [() => Response.json({ endpoint: url.replace("ws:", "http:") })];
const session = new Session({
  region: "us-west-2",
  containerInstanceArn: CONTAINER_INSTANCE_ARN,
  credentials: CREDENTIALS,
  agentVersion: "1.0.0",
  fetch: ecs.fetch,
  timing: { backoffMinMs: 1, backoffMaxMs: 2, closeTimeoutMs: 1, drainTimeoutMs: 1 },
  ...HANDLERS[handlers],
});

let last = process.cpuUsage();
const ids: string[] = [];
session.addEventListener("received", ({ detail: { type, messageId } }) => {
  if (type === "HeartbeatMessage") ids.push(messageId ?? "");
});
session.addEventListener("sent", ({ detail: { type } }) => {
  if (type !== "HeartbeatAckRequest") return;
  const id = ids.pop() ?? "";
  if (id === "stop") return void session.stop().then(() => process.exit(0));
  const { user, system } = process.cpuUsage(last);
  last = process.cpuUsage();
  const report: HeartbeatReport = {
    id: id.slice(0, 100),
    processorMs: Math.round((user + system) / 1000),
    residentBytes: process.memoryUsage.rss(),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
});
await session.start();
