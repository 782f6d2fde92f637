/**
 * The agent of a simulation: a process with a real session, and a disk that survives the process.
 *
 * @module
 */

import type { EmulatorCredentials } from "../../emulator/emulator_credentials.ts";
import type { RandomSource } from "../../internal/jitter.ts";
import type {
  IAMRoleCredentialsMessage,
  PayloadMessage,
  TaskIdentifier,
} from "../../protocol/messages.ts";
import type { AgentHandlers } from "../../session/agent_handlers.ts";
import type { SessionEventMap } from "../../session/reporting/events.ts";
import type {
  MetricAttributes,
  SessionMeterProvider,
} from "../../session/reporting/meter_provider.ts";
import { Session } from "../../session/session.ts";
import { seededRandom } from "../testing/fuzz/seeded_random.ts";
import type { Network } from "./network.ts";
import { ECS_HOST, REGION } from "./service.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** How the agent behaves. */
export interface AgentConditions {
  /** Maximum time of a handler, in ms. */
  handlerMs: number;
  /** For how long handlers block the thread instead of waiting, in ms. */
  blocksMs: number;
  /** Whether handlers do not finish. */
  areHandlersStuck: boolean;
  /** How often a handler throws, from 0 to 1. */
  throwRate: number;
  /** What the credentials function does. */
  keys: "work" | "are-slow" | "are-late" | "fail" | "hang" | "are-stale";
  /** Where the process crashes the next time that it handles a message. */
  crashesOnce: CrashPoint | undefined;
}

/** Where a process crashes: when a handler has begun, has done its work, or has acknowledged. */
export type CrashPoint = "begun" | "handled" | "acknowledged";

/** A well-behaved agent. */
export function calmAgent(): AgentConditions {
  return {
    handlerMs: 40,
    blocksMs: 0,
    areHandlersStuck: false,
    throwRate: 0,
    keys: "work",
    crashesOnce: undefined,
  };
}

/** Notified of what the agent does. */
export interface AgentWatch {
  /** A handler begins with a message; a payload has a sequence number, a manifest a timeline. */
  handlerBegan(lane: string, type: string, messageId: string, number: number | undefined): void;
  /** It has done what the message requests, and may acknowledge it. */
  handled(messageId: string): void;
  /** It has ended, successfully or not. */
  handlerEnded(lane: string): void;
  /** A handler begins to wait for an attachment. */
  attachmentBegan(attachmentArn: string): void;
  /** It has ended, successfully or not. */
  attachmentEnded(attachmentArn: string): void;
  /** The session has reported an event. */
  reported<K extends keyof SessionEventMap>(type: K, detail: SessionEventMap[K]): void;
  /** The session has recorded a measurement. */
  measured(instrument: string, attributes: MetricAttributes): void;
  /** The session calls the credentials function. */
  keysCalled(isForced: boolean): void;
  /** That call has returned keys, after this time in ms. */
  keysArrived(afterMs: number): void;
  /** A process has started. */
  started(): void;
  /** A user stops its session. */
  stopping(): void;
}

/** Everything that the agent keeps on disk. */
interface Disk {
  sequenceNumber: number;
  manifestMessageId: string;
  tasks: Map<string, "RUNNING" | "STOPPED">;
  /** When each of them stopped, in true ms after the start, the earliest first. */
  stoppedAt: Map<string, number>;
}

/** How long after a task has stopped the agent reports it, in ms. */
const REPORTED_AFTER_MS = 3_600_000;

/** A handler that takes longer than this is slow, in ms. */
const SLOW_MS = 100;

/** Time between two backups of the disk, in ms. */
const BACKUP_EVERY_MS = 3 * 3_600_000;

/** How long after a task has stopped the agent removes its containers and forgets it, in ms. */
const FORGOTTEN_AFTER_MS = 48 * 3_600_000;

/** What the agent needs. */
export interface AgentOptions {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly seed: number;
  readonly containerInstanceArn: string;
  /** The keys that the service accepts. */
  readonly keys: () => EmulatorCredentials;
  /** The keys before the last rotation. */
  readonly staleKeys: () => EmulatorCredentials;
  readonly watch: AgentWatch;
}

const EVENTS = [
  "discovered",
  "connected",
  "connectfailed",
  "disconnected",
  "dropped",
  "received",
  "waiting",
  "suspended",
  "inactive",
  "failing",
  "stuck",
  "backlogged",
  "overflowed",
  "answerslost",
  "stopped",
] as const satisfies readonly (keyof SessionEventMap)[];

/** The agent. */
export class Agent {
  conditions: AgentConditions = calmAgent();
  disk: Disk = {
    sequenceNumber: 0,
    manifestMessageId: "",
    tasks: new Map(),
    stoppedAt: new Map(),
  };
  /** Never aborts: all sessions listen to it, and must stop listening when they end. */
  readonly shared = new AbortController();
  readonly #options: AgentOptions;
  readonly #random: RandomSource;
  #session: Session | undefined;
  #release: PromiseWithResolvers<void> = Promise.withResolvers();
  #isUpdating = false;
  /** What the provider returns while it is stale. */
  #cachedKeys: EmulatorCredentials | undefined;
  /** Whether a process should run, even after the one that is stopping has ended. */
  #isWanted = false;
  #isOver = false;
  #backup: { readonly atMs: number; readonly disk: Disk } | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed ^ 0x5eed);
  }

  /** The session of the running process. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Starts a process, unless one is running. */
  start(): void {
    this.#onMachine(() => {
      this.#isWanted = true;
      this.#start();
    });
  }

  /** Kills the process; its session stops unobserved. */
  crash(): void {
    this.#onMachine(() => this.#crash());
  }

  /** Kills the process, and replaces its disk by the last backup. */
  restore(then: () => void): void {
    this.#onMachine(() => {
      this.#crash();
      if (this.#backup !== undefined) this.disk = copyOfDisk(this.#backup.disk);
      then();
    });
  }

  #crash(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#isWanted = false;
    this.#options.network.processEnded();
    void session?.stop();
    this.#release.resolve();
    this.#release = Promise.withResolvers();
  }

  /** The process crashes here, if a fault wants that; only once. */
  #maybeCrash(point: CrashPoint): void {
    if (this.conditions.crashesOnce !== point) return;
    this.conditions.crashesOnce = undefined;
    this.#crash();
    throw new Error("the process has crashed");
  }

  /**
   * Stops the session as a user does, then ends the process.
   *
   * @param then Called when it has ended.
   */
  stop(then: () => void = () => {}): void {
    this.#onMachine(() => {
      const session = this.#session;
      this.#isWanted = false;
      if (session === undefined) return then();
      this.#options.watch.stopping();
      void session.stop().then(() => {
        if (this.#session !== session) return then();
        this.#session = undefined;
        this.#options.network.processEnded();
        if (this.#isWanted) this.#start();
        then();
      });
    });
  }

  /** Stops the session, and starts no other one. */
  end(): void {
    this.#isOver = true;
    this.releaseHandlers();
    this.stop();
  }

  /** Lets the stuck handlers continue. */
  releaseHandlers(): void {
    this.#onMachine(() => {
      this.#release.resolve();
      this.#release = Promise.withResolvers();
    });
  }

  /**
   * Reports the tasks that stopped a while ago, so that the service forgets them, and later forgets
   * them itself.
   *
   * @param report Reports one.
   */
  cleanUp(report: (taskArn: string) => void): void {
    const { tasks, stoppedAt } = this.disk;
    const now = this.#options.time.elapsedMs;
    if (this.#backup === undefined || now - this.#backup.atMs > BACKUP_EVERY_MS) {
      this.#backup = { atMs: now, disk: copyOfDisk(this.disk) };
    }
    for (const [taskArn, atMs] of stoppedAt) {
      if (now - atMs < REPORTED_AFTER_MS) break;
      report(taskArn);
      if (now - atMs < FORGOTTEN_AFTER_MS) continue;
      stoppedAt.delete(taskArn);
      tasks.delete(taskArn);
    }
  }

  /** The agent acts only while its machine is running. */
  #onMachine(act: () => void): void {
    this.#options.time.after("machine", 0, act);
  }

  #start(): void {
    if (this.#session !== undefined || this.#isOver) return;
    const { network, seed, watch } = this.#options;
    const { process } = network;
    const session = new Session({
      region: REGION,
      endpoint: `https://${ECS_HOST}/`,
      containerInstanceArn: this.#options.containerInstanceArn,
      credentials: (properties) => this.#watchedKeys(properties?.forceRefresh ?? false, process),
      agentVersion: "1.0.0",
      dockerVersion: "25.0.6",
      ...network.connectionsOf(process),
      random: seededRandom(seed * 31 + process),
      // Small enough for lanes to overflow now and then, and for memory that is not released to show.
      limits: {
        maxLaneMessages: 25,
        maxLaneSize: 300_000,
        maxFrameSize: 65_536,
        maxHeldBytes: 20 * 65_536,
      },
      sequenceNumberAccessor: {
        getLatestSequenceNumber: () => this.disk.sequenceNumber,
        setLatestSequenceNumber: (number) => void (this.disk.sequenceNumber = number),
      },
      manifestMessageIdAccessor: {
        getMessageId: () => this.disk.manifestMessageId,
        setMessageId: (id) => void (this.disk.manifestMessageId = id),
      },
      handlers: this.#handlers(process),
      meterProvider: meterProviderFor(watch),
    });
    const listen = <K extends keyof SessionEventMap>(type: K) =>
      session.addEventListener(type, ({ detail }) => {
        if (process === network.process) watch.reported(type, detail);
      });
    for (const type of EVENTS) listen(type);
    this.#session = session;
    watch.started();
    void session.start({ signal: this.shared.signal });
  }

  async #watchedKeys(isForced: boolean, process: number): Promise<EmulatorCredentials> {
    const { watch, network, time } = this.#options;
    const calledAt = time.monotonicNow();
    if (process === network.process) watch.keysCalled(isForced);
    const keys = await this.#keys(isForced);
    if (process === network.process) watch.keysArrived(time.monotonicNow() - calledAt);
    return keys;
  }

  #keys(isForced: boolean): EmulatorCredentials | Promise<EmulatorCredentials> {
    const { time, keys, staleKeys } = this.#options;
    const after = (ms: number) =>
      new Promise<EmulatorCredentials>((resolve) =>
        void time.after("machine", ms, () => resolve(keys()))
      );
    if (this.conditions.keys !== "are-stale") this.#cachedKeys = undefined;
    switch (this.conditions.keys) {
      case "work":
        return keys();
      case "are-stale":
        // As the SDK's providers: a forced refresh fills the cache.
        if (isForced || this.#cachedKeys === undefined) {
          this.#cachedKeys = isForced ? keys() : staleKeys();
        }
        return this.#cachedKeys;
      case "fail":
        throw new Error("the metadata service has failed");
      case "are-slow":
        return after(12_000);
      case "are-late":
        return after(45_000);
      case "hang":
        return new Promise(() => {});
    }
  }

  #handlers(process: number): AgentHandlers {
    const { watch, network } = this.#options;
    const run = async <T>(
      lane: string,
      { type, messageId, number }: {
        readonly type: string;
        readonly messageId: string;
        readonly number?: number | undefined;
      },
      work: () => T | Promise<T>,
      message?: object,
    ): Promise<T> => {
      const isWatched = () => process === network.process;
      if (isWatched()) watch.handlerBegan(lane, type, messageId, number);
      try {
        await this.#take();
        if (!isWatched()) throw new Error("the process has ended");
        this.#maybeCrash("begun");
        if (this.#random() < this.conditions.throwRate) {
          // Some errors quote what they could not do.
          throw new Error(`the handler has failed: ${JSON.stringify(message)}`);
        }
        return await work();
      } finally {
        if (isWatched()) watch.handlerEnded(lane);
      }
    };
    const setMetadata = (message: IAMRoleCredentialsMessage) =>
      run(
        "credentials",
        { type: "IAMRoleCredentialsMessage", messageId: message.messageId ?? "" },
        () => {},
        message,
      );
    const attach = async ({ attachmentArn }: { readonly attachmentArn: string }) => {
      if (process === network.process) watch.attachmentBegan(attachmentArn);
      await this.#take();
      if (process === network.process) watch.attachmentEnded(attachmentArn);
    };
    return {
      processMessage: (message, ack) => {
        const messageId = message.messageId ?? "";
        const number = message.seqNum ?? undefined;
        return run("payload", { type: "PayloadMessage", messageId, number }, async () => {
          this.#apply(message);
          watch.handled(messageId);
          this.#maybeCrash("handled");
          await ack();
          this.#maybeCrash("acknowledged");
          // Some handlers acknowledge first, and then have something left to do.
          if (this.conditions.handlerMs > SLOW_MS) await this.#take();
        }, message);
      },
      compareRunningTasksOnInstanceWithManifest: ({ messageId: id, tasks, timeline }) => {
        const messageId = id ?? "";
        const number = timeline ?? undefined;
        return run("payload", { type: "TaskManifestMessage", messageId, number }, () => {
          watch.handled(messageId);
          const listed = new Set((tasks ?? []).map((task) => task?.taskArn));
          return [...this.disk.tasks].filter(([arn, status]) =>
            status === "RUNNING" && !listed.has(arn)
          )
            .map(([taskArn]): TaskIdentifier => ({ taskArn, desiredStatus: "STOPPED" }));
        });
      },
      stopTask: (taskArn) =>
        run("payload", { type: "TaskStopVerificationAck", messageId: "" }, () => {
          this.#stopTask(taskArn);
        }),
      setTaskRoleCredentialsMetadata: setMetadata,
      setExecRoleCredentialsMetadata: setMetadata,
      handleEniAttachment: attach,
      handleResourceAttachment: attach,
      stageUpdate: ({ messageId }, { ack }) =>
        run("updates", { type: "StageUpdateMessage", messageId: messageId ?? "" }, () => {
          watch.handled(messageId ?? "");
          ack();
        }),
      performUpdate: ({ messageId }, { ack }) =>
        run("updates", { type: "PerformUpdateMessage", messageId: messageId ?? "" }, () => {
          watch.handled(messageId ?? "");
          ack();
          this.#restartSoon();
        }),
    };
  }

  #apply({ tasks }: PayloadMessage): void {
    for (const task of tasks ?? []) {
      if (!task?.arn) continue;
      // A task that has stopped never runs again.
      if (this.disk.tasks.get(task.arn) === "STOPPED") continue;
      if (task.desiredStatus === "STOPPED") this.#stopTask(task.arn);
      else this.disk.tasks.set(task.arn, "RUNNING");
    }
  }

  #stopTask(taskArn: string): void {
    this.disk.tasks.set(taskArn, "STOPPED");
    this.disk.stoppedAt.set(taskArn, this.#options.time.elapsedMs);
  }

  /** Waits as long as handlers currently take. */
  async #take(): Promise<void> {
    const { areHandlersStuck, blocksMs } = this.conditions;
    if (areHandlersStuck) await this.#release.promise;
    if (blocksMs > 0) return this.#options.time.work(blocksMs);
    const ms = Math.floor(this.#random() * this.conditions.handlerMs);
    // Some handlers finish before the event loop turns.
    if (ms < 10) return;
    await new Promise<void>((resolve) => {
      void this.#options.time.after("machine", ms, resolve);
    });
  }

  /** After an update the new version of the agent starts. */
  #restartSoon(): void {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    this.#options.time.after("world", 1_000, () => {
      this.stop(() => {
        this.#options.time.after("world", 5_000, () => {
          this.#isUpdating = false;
          this.start();
        });
      });
    });
  }
}

/** Passes every measurement on. */
function meterProviderFor(watch: AgentWatch): SessionMeterProvider {
  const measure = (name: string) => (_value: number, attributes: MetricAttributes = {}) =>
    watch.measured(name, attributes);
  const meter = {
    createCounter: (name: string) => ({ add: measure(name) }),
    createHistogram: (name: string) => ({ record: measure(name) }),
  };
  return { getMeter: () => meter };
}

function copyOfDisk(disk: Disk): Disk {
  return { ...disk, tasks: new Map(disk.tasks), stoppedAt: new Map(disk.stoppedAt) };
}
