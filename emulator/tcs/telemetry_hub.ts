/**
 * The telemetry connections of all agents.
 *
 * @module
 */

import { CONNECTION_EXPIRED } from "../../protocol/close.ts";
import { AgentConnection, type ConnectionOptions } from "../acs/connection.ts";
import type { TaskReports } from "../ecs/task_reports.ts";
import type { HealthStatus } from "../ecs/task_record.ts";
import { StateWriteError } from "../errors.ts";
import type { EmulatorEvents, EmulatorEventType } from "../events.ts";
import type { SignatureExpectations } from "../http/sigv4.ts";
import { openTelemetryFrame } from "./telemetry_frame.ts";
import { TELEMETRY_ACKS, type TelemetryMessage, type TelemetryType } from "./telemetry_messages.ts";

/** The hub's settings, and its callbacks to the emulator. */
export interface TelemetryHubOptions {
  /**
   * Minimum and maximum interval between heartbeats, in ms; 0 for no heartbeats. The longest
   * counts.
   */
  readonly heartbeatIntervalMs: readonly [number, number];
  /** Maximum age of a connection, in ms, after which it is closed; 0 for no limit. */
  readonly maxConnectionMs: number;
  /** The clock for the times of events, in ms since the epoch. */
  readonly now: () => number;
  /** The values that signatures are checked against. */
  readonly expectations: () => SignatureExpectations;
  /** Applies the health of tasks. */
  readonly reports: TaskReports;
  /** Emits an event. */
  readonly emit: <T extends EmulatorEventType>(type: T, detail: EmulatorEvents[T]) => void;
}

/** The parts of an open connection. */
interface OpenConnection {
  /** Path and query of its upgrade. */
  readonly target: string;
  /** Settles when all frames so far have been handled. */
  handled: Promise<void>;
  heartbeat: ReturnType<typeof setTimeout> | undefined;
  readonly expiry: ReturnType<typeof setTimeout> | undefined;
}

/** Number of telemetry frames by the types of their messages. */
export type TelemetryCounts = Readonly<Record<TelemetryType, number>>;

/** All telemetry connections of one emulator. */
export class TelemetryHub {
  readonly #options: TelemetryHubOptions;
  readonly #open = new Map<AgentConnection, OpenConnection>();
  readonly #instanceHealth = new Map<string, string>();
  readonly #counts: Record<TelemetryType, number> = {
    PublishMetricsRequest: 0,
    PublishHealthRequest: 0,
    PublishInstanceStatusRequest: 0,
  };
  #connectionCount = 0;

  /**
   * @param options Its settings and callbacks.
   */
  constructor(options: TelemetryHubOptions) {
    this.#options = options;
  }

  /** The connections that have not ended. */
  get open(): readonly AgentConnection[] {
    return [...this.#open.keys()];
  }

  /** Number of frames so far. */
  get counts(): TelemetryCounts {
    return { ...this.#counts };
  }

  /** The health of a container instance: what its agent reported last, `OK` until then. */
  instanceHealth(containerInstanceArn: string): string {
    return this.#instanceHealth.get(containerInstanceArn) ?? "OK";
  }

  /**
   * Takes over an upgraded socket.
   *
   * @param parts The connection's parts.
   * @param target Path and query of the upgrade.
   */
  connect(
    parts: Omit<ConnectionOptions, "id" | "now" | "listener" | "service">,
    target: string,
  ): void {
    const { now, maxConnectionMs } = this.#options;
    const connection = new AgentConnection({
      ...parts,
      service: "tcs",
      now,
      id: ++this.#connectionCount,
      listener: {
        frame: (from, data) => this.#onFrame(from, data),
        broken: (from, problem) => this.#emitProblem(from, problem),
        ended: (from) => this.#onEnd(from),
      },
    });
    const expiry = maxConnectionMs === 0
      ? undefined
      : setTimeout(() => connection.close(1000, CONNECTION_EXPIRED), maxConnectionMs);
    const open = { target, handled: Promise.resolve(), heartbeat: undefined, expiry };
    this.#open.set(connection, open);
    this.#beat(connection, open);
  }

  /** Ends all connections. */
  close(): void {
    for (const [connection, open] of this.#open) {
      stopTimers(open);
      connection.terminate();
    }
  }

  #beat(connection: AgentConnection, open: OpenConnection): void {
    const [, longest] = this.#options.heartbeatIntervalMs;
    if (longest === 0) return;
    say(connection, "HeartbeatMessage", { healthy: true });
    open.heartbeat = setTimeout(() => this.#beat(connection, open), longest);
  }

  #onEnd(connection: AgentConnection): void {
    const open = this.#open.get(connection);
    if (open !== undefined) stopTimers(open);
    this.#open.delete(connection);
  }

  #onFrame(connection: AgentConnection, data: Uint8Array): void {
    const open = this.#open.get(connection);
    if (open === undefined) return;
    // One after the other: checking a signature takes several turns.
    open.handled = open.handled.then(() => this.#handle(connection, open.target, data));
  }

  async #handle(connection: AgentConnection, target: string, data: Uint8Array): Promise<void> {
    const opened = await openTelemetryFrame(data, target, this.#options.expectations());
    if (typeof opened === "string") {
      this.#emitProblem(connection, `Telemetry was refused: ${opened}`);
      return say(connection, "BadRequestException", { message: opened });
    }
    this.#counts[opened.type]++;
    const { id: connectionId, containerInstanceArn } = connection;
    const { type } = opened;
    try {
      this.#apply(connection, opened);
    } catch (error) {
      if (!(error instanceof StateWriteError)) throw error;
      const reason = `The emulator cannot record the ${type}. ${error.message}`;
      this.#options.emit("failure", { connectionId, containerInstanceArn, reason });
      return say(connection, "ServerException", { message: error.message });
    }
    this.#options.emit("telemetry", {
      connectionId,
      containerInstanceArn,
      type,
      bytes: data.byteLength,
    });
    say(connection, TELEMETRY_ACKS[type], { message: "OK" });
  }

  #apply({ containerInstanceArn }: AgentConnection, { type, message }: TelemetryMessage): void {
    if (type === "PublishInstanceStatusRequest") {
      const [status] = message.statuses ?? [];
      if (status?.status) this.#instanceHealth.set(containerInstanceArn, status.status);
    }
    if (type !== "PublishHealthRequest") return;
    for (const task of message.tasks ?? []) {
      const health = new Map<string, HealthStatus>();
      for (const container of task?.containers ?? []) {
        health.set(container?.containerName ?? "", healthStatus(container?.healthStatus));
      }
      this.#options.reports.health(task?.taskArn ?? "", health);
    }
  }

  #emitProblem({ id, containerInstanceArn }: AgentConnection, problem: string): void {
    this.#options.emit("problem", { connectionId: id, containerInstanceArn, problem });
  }
}

function say(connection: AgentConnection, type: string, message: object): void {
  connection.transmit(JSON.stringify({ type, message }));
}

function healthStatus(text: string | null | undefined): HealthStatus {
  return text === "HEALTHY" || text === "UNHEALTHY" ? text : "UNKNOWN";
}

function stopTimers({ heartbeat, expiry }: OpenConnection): void {
  clearTimeout(heartbeat);
  clearTimeout(expiry);
}
