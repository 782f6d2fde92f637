/**
 * The world of a simulation: one container instance, its network and its service, under virtual
 * time, and everything that happens to them.
 *
 * @module
 */

import type { EmulatorCredentials } from "../../emulator/emulator_credentials.ts";
import type { UpgradeQuery } from "../../emulator/http/upgrade_query.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { seededRandom } from "../testing/fuzz/seeded_random.ts";
import type { SessionHealth } from "../../session/state.ts";
import { Agent, calmAgent } from "./agent.ts";
import { type Fault, type FaultKind, FAULTS } from "./faults.ts";
import { Link } from "./link.ts";
import { Neighbour } from "./neighbour.ts";
import { Network } from "./network.ts";
import type { Observer } from "./observer.ts";
import { calmPath } from "./path_conditions.ts";
import { ReadinessWatch } from "./readiness_watch.ts";
import type { FaultItem, ScheduleItem, WorkItem } from "./schedule.ts";
import { calmService, SimulatedService } from "./service.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual_time.ts";
import { type Work, WORKS } from "./works.ts";

/** The session waits for this long after it was called inactive, in ms. */
const INACTIVE_MS = 3_600_000;

/** How long a second agent of the same identity waits after it was replaced, in ms. */
const TWIN_RETRIES_AFTER_MS = 45_000;

/** Time between two reports of the agent about its stopped tasks, in ms. */
const REPORT_EVERY_MS = 10 * 60_000;

/** What a world consists of. */
export interface WorldParts {
  readonly time: VirtualTime;
  readonly seed: number;
  readonly trace: Trace;
  /** Notified of everything that happens. */
  readonly observer: Observer;
  /** How many container instances the service has. Faults happen to the first one. */
  readonly instances: number;
}

/** One world. */
export class World {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly service: SimulatedService;
  readonly network: Network;
  readonly agent: Agent;
  /** The other container instances. */
  readonly neighbours: readonly Neighbour[];
  readonly readiness: ReadinessWatch = new ReadinessWatch(this);
  /** When the machine's clock was last set, in true ms after the start. */
  clockSetAtMs = -Infinity;
  /** How often each kind of fault has happened. */
  readonly faultCounts: Map<FaultKind, number> = new Map();
  readonly #seed: number;
  readonly #active: Set<FaultItem> = new Set();
  /** How many of them keep the session from working. */
  #harmful = 0;
  #troubledUntilMs = 0;
  #keysNumber = 0;
  #staleKeys: EmulatorCredentials;
  #health: { readonly step: number; readonly health: SessionHealth | undefined } | undefined;

  constructor({ time, seed, trace, observer, instances }: WorldParts) {
    this.time = time;
    this.trace = trace;
    this.#seed = seed;
    this.#staleKeys = keysNumbered(0);
    this.service = new SimulatedService(time, seed, this.#staleKeys);
    this.network = new Network(time, this.service, seed, observer);
    this.agent = new Agent({
      time,
      network: this.network,
      seed,
      containerInstanceArn: CONTAINER_INSTANCE_ARN,
      keys: () => this.service.emulator.credentials,
      staleKeys: () => this.#staleKeys,
      watch: observer,
    });
    this.neighbours = Array.from({ length: instances - 1 }, (_, each) =>
      new Neighbour({
        time,
        seed,
        trace,
        service: this.service,
        keys: () => this.service.emulator.credentials,
        number: each + 1,
      }));
    observer.observe(this);
  }

  /** Starts the agent, and lets the schedule happen. */
  start(schedule: readonly ScheduleItem[]): void {
    this.agent.start();
    for (const neighbour of this.neighbours) neighbour.start();
    this.#next(schedule, 0);
    this.time.after("world", REPORT_EVERY_MS, () => this.#reportTasks());
  }

  /** Stops everything as its users do. */
  stop(): void {
    this.agent.stop();
    for (const { agent } of this.neighbours) agent.stop();
  }

  /** Stops everything permanently, whatever the schedule says. */
  end(): void {
    this.agent.end();
    for (const { agent } of this.neighbours) agent.end();
  }

  /** The health of the session that is running, if there is one; the same during one step. */
  get health(): SessionHealth | undefined {
    const { agent: { session }, time } = this;
    if (this.#health?.step !== time.steps) {
      const health = session && time.as("machine", () => session.health());
      this.#health = { step: time.steps, health };
    }
    return this.#health.health;
  }

  /** For how long nothing has been wrong, in true ms. */
  get calmForMs(): number {
    if (this.#harmful > 0) return 0;
    const { elapsedMs, frozenUntilMs } = this.time;
    return Math.max(0, elapsedMs - Math.max(this.#troubledUntilMs, frozenUntilMs));
  }

  /** The active faults. */
  get activeFaults(): readonly FaultKind[] {
    return [...this.#active].map(({ fault }) => fault);
  }

  /** The tasks that the service wants to run, the oldest first. */
  runningTasks(): string[] {
    return this.service.runningTasks(CONTAINER_INSTANCE_ARN);
  }

  /** Sets how far the machine's wall clock is ahead of the true time, in ms. */
  setClock(errorMs: number): void {
    this.time.setWallError(errorMs);
    this.clockSetAtMs = this.time.elapsedMs;
  }

  /** From now on, the service accepts other keys of the instance. */
  rotateKeys(): void {
    this.#staleKeys = this.service.emulator.credentials;
    this.service.emulator.credentials = keysNumbered(++this.#keysNumber);
  }

  /** The session was called inactive: it waits for an hour. */
  wasInactive(): void {
    // By the machine's clock: a suspension is not noticed if the wall clock is set meanwhile.
    this.#harmful += 1;
    this.time.after("machine", INACTIVE_MS, () => {
      this.#harmful -= 1;
      this.#troubledUntilMs = Math.max(this.#troubledUntilMs, this.time.elapsedMs);
    });
  }

  /** The agent crashes and returns with an old state: the tasks that it has lost are stopped. */
  restoreOldState(): void {
    this.agent.restore(() => {
      for (const taskArn of this.runningTasks()) {
        if (this.agent.disk.tasks.get(taskArn) === "RUNNING") continue;
        this.service.emulator.taskControl.stop(taskArn);
      }
    });
  }

  /**
   * Another agent with the same identity connects; the service closes the older connection.
   *
   * @param forMs How long it keeps reconnecting, in ms.
   */
  connectTwin(forMs: number): void {
    const untilMs = this.time.elapsedMs + forMs;
    const link = new Link({
      time: this.time,
      random: seededRandom(this.#seed ^ this.time.elapsedMs),
      conditions: calmPath(),
      host: this.service.acsHost,
      // It runs on another machine.
      clientDomain: "world",
      onSent: () => {},
      onArrived: () => {},
      onOver: () => {},
    });
    this.service.accept(link, TWIN_QUERY);
    const leave = () => void link.client.close(1000, "");
    if (forMs <= TWIN_RETRIES_AFTER_MS) return void this.time.after("world", forMs, leave);
    this.time.after("world", TWIN_RETRIES_AFTER_MS, () => {
      leave();
      this.connectTwin(untilMs - this.time.elapsedMs);
    });
  }

  /** As an agent does over the ECS API, while it is running and the network works. */
  #reportTasks(): void {
    this.time.after("world", REPORT_EVERY_MS, () => this.#reportTasks());
    const { agent, network: { conditions }, service: { emulator } } = this;
    const isCut = conditions.isPartitioned || conditions.connect !== "works";
    if (agent.session === undefined || this.time.isMachineFrozen || isCut) return;
    for (const each of [agent, ...this.neighbours.map((neighbour) => neighbour.agent)]) {
      each.cleanUp((task) => {
        const { lastStatus = "STOPPED" } = emulator.tasks.get(task) ?? {};
        if (lastStatus === "STOPPED") return;
        emulator.callApi("SubmitTaskStateChange", { task, status: "STOPPED" }, emulator.endpoints);
      });
    }
  }

  #next(schedule: readonly ScheduleItem[], index: number): void {
    const item = schedule[index];
    if (item === undefined) return;
    this.time.after("world", Math.max(0, item.atMs - this.time.elapsedMs), () => {
      if ("work" in item) this.#work(item);
      else this.#begin(item);
      this.#next(schedule, index + 1);
    });
  }

  #work({ work, pick }: WorkItem): void {
    this.trace.add("work", work);
    const { act }: Work = WORKS[work];
    act(this, pick);
  }

  #begin(item: FaultItem): void {
    const { fault, size, forMs } = item;
    const { begin, isHarmless }: Fault = FAULTS[fault];
    this.trace.add("fault", `${fault} for ${forMs} ms, size ${size.toFixed(3)}`);
    this.faultCounts.set(fault, 1 + (this.faultCounts.get(fault) ?? 0));
    this.#active.add(item);
    this.#harmful += 1;
    this.#applyConditions();
    begin?.(this, size, forMs);
    const healsAfterMs = isHarmless?.(size) ? 0 : forMs;
    this.time.after("world", healsAfterMs, () => {
      this.#harmful -= 1;
      this.#troubledUntilMs = Math.max(this.#troubledUntilMs, this.time.elapsedMs);
    });
    if (forMs === 0) return this.#end(item);
    this.time.after("world", forMs, () => this.#end(item));
  }

  #end(item: FaultItem): void {
    const { fault, size, forMs } = item;
    const { end }: Fault = FAULTS[fault];
    this.#active.delete(item);
    this.#troubledUntilMs = Math.max(this.#troubledUntilMs, this.time.elapsedMs);
    this.#applyConditions();
    if (forMs > 0) this.trace.add("fault", `${fault} is over`);
    end?.(this, size);
  }

  /** Faults overlap: the current conditions follow from all faults in force. */
  #applyConditions(): void {
    const path = Object.assign(this.network.conditions, calmPath());
    const service = Object.assign(this.service.conditions, calmService());
    const agent = Object.assign(this.agent.conditions, calmAgent());
    for (const { fault, size } of this.#active) {
      const { set }: Fault = FAULTS[fault];
      set?.({ path, service, agent }, size);
    }
    this.network.changed();
  }
}

const TWIN_QUERY: UpgradeQuery = {
  agentHash: "twin",
  agentVersion: "1.0.0",
  clusterArn: "default",
  containerInstanceArn: CONTAINER_INSTANCE_ARN,
  dockerVersion: undefined,
  protocolVersion: 2,
  sendCredentials: false,
  seqNum: 1,
};

function keysNumbered(number: number): EmulatorCredentials {
  return {
    accessKeyId: `AKIASIMULATED${number}`,
    secretAccessKey: `simulated-secret-access-key-${number}`,
    sessionToken: `simulated-session-token-${number}`,
  };
}
