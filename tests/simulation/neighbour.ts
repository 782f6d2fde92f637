/**
 * Another container instance of the same cluster: its agent runs on the same machine, and its path
 * to the service has no faults.
 *
 * @module
 */

import type { EmulatorCredentials } from "../../emulator/emulator_credentials.ts";
import { Agent, type AgentWatch } from "./agent.ts";
import { Network, type NetworkWatch } from "./network.ts";
import { arnOfInstance, type SimulatedService } from "./service.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual_time.ts";

const HOUR = 3_600_000;

/** With more tasks than this, the oldest is stopped. */
const MOST_TASKS = 5;

/** What a neighbour needs. */
export interface NeighbourOptions {
  readonly time: VirtualTime;
  readonly seed: number;
  readonly trace: Trace;
  readonly service: SimulatedService;
  /** The keys that the service accepts. */
  readonly keys: () => EmulatorCredentials;
  /** Its number, from 1. */
  readonly number: number;
}

/** Another container instance. */
export class Neighbour {
  readonly agent: Agent;
  readonly network: Network;
  /** Its ARN. */
  readonly arn: string;
  /** The tasks of other instances in what it received. */
  readonly strangeTasks: string[] = [];
  readonly #options: NeighbourOptions;

  /** @param options What it needs. */
  constructor(options: NeighbourOptions) {
    this.#options = options;
    const { time, service, keys, number } = options;
    const seed = options.seed ^ (number << 8);
    this.arn = arnOfInstance(number);
    const watch = this.#watch();
    this.network = new Network(time, service, seed, watch);
    this.agent = new Agent({
      time,
      network: this.network,
      seed,
      containerInstanceArn: this.arn,
      keys,
      staleKeys: keys,
      watch,
    });
  }

  /** Starts its agent and its work. */
  start(): void {
    this.agent.start();
    this.#options.time.after("world", HOUR, () => this.#work());
  }

  #work(): void {
    const { time, service: { emulator } } = this.#options;
    const running = this.runningTasks();
    const [oldest] = running;
    if (oldest !== undefined && running.length > MOST_TASKS) emulator.taskControl.stop(oldest);
    emulator.taskControl.run({ containerInstanceArn: this.arn });
    if (oldest !== undefined) emulator.taskControl.rotate(oldest, "TaskApplication");
    time.after("world", HOUR, () => this.#work());
  }

  /** The tasks that the service wants to run on it. */
  runningTasks(): string[] {
    return this.#options.service.runningTasks(this.arn);
  }

  #watch(): AgentWatch & NetworkWatch {
    const { trace, service, number } = this.#options;
    const log = (what: string) => trace.add(`neighbour ${number}`, what);
    return {
      handlerBegan: () => {},
      handled: (messageId) => log(`handled ${messageId}`),
      handlerEnded: () => {},
      attachmentBegan: () => {},
      attachmentEnded: () => {},
      reported: (type) => log(type),
      measured: () => {},
      keysCalled: () => {},
      keysArrived: () => {},
      started: () => log("started"),
      stopping: () => log("stops"),
      connecting: () => {},
      asking: () => {},
      answered: () => {},
      sent: () => {},
      arrived: (_process, data) => {
        for (const [arn] of String(data).matchAll(/arn:aws:ecs:[^"]+:task\/[^"]+/g)) {
          const owner = service.emulator.tasks.get(arn)?.containerInstanceArn;
          if (owner !== undefined && owner !== this.arn) this.strangeTasks.push(arn);
        }
      },
    };
  }
}
