/**
 * The work of a simulation: what users of ECS and of the agent do.
 *
 * @module
 */

import { sampleUpdate } from "../../emulator/samples/samples.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import type { World } from "./world.ts";

/** A kind of work. */
export interface Work {
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  /**
   * Does it.
   *
   * @param world The world.
   * @param pick Selects the object of the work, from 0 to 1.
   */
  readonly act: (world: World, pick: number) => void;
}

/** With more tasks than this, one is stopped for each one that is run. */
const MOST_TASKS = 25;

/** Time between two rotations of the same credentials, in ms. */
const ROTATED_AGAIN_MS = 60_000;

/** The number of payloads in a burst. */
const BURST = 40;

/** How many tasks are left that the service does not know. */
const ORPHANS = 3;

const TO = { containerInstanceArn: CONTAINER_INSTANCE_ARN };

/** The kinds of work. */
export const WORKS = {
  "run a task": {
    weight: 8,
    act(world) {
      const running = world.runningTasks();
      if (running.length > MOST_TASKS) stop(world, running[0]);
      run(world);
    },
  },
  "stop a task": { weight: 7, act: (world, pick) => stop(world, pickOne(world, pick)) },
  "rotate a task's credentials": {
    weight: 6,
    act(world, pick) {
      // Some tasks more often than others.
      const taskArn = pickOne(world, pick ** 4);
      if (taskArn === undefined) return;
      const role = (pick * 10) % 1 < 0.8 ? "TaskApplication" : "TaskExecution";
      const { taskControl } = world.service.emulator;
      taskControl.rotate(taskArn, role);
      // The first may still be unanswered when the second is sent.
      world.time.after("world", ROTATED_AGAIN_MS, () => {
        if (world.runningTasks().includes(taskArn)) taskControl.rotate(taskArn, role);
      });
    },
  },
  "attach an interface": {
    weight: 2,
    act(world, pick) {
      const taskArn = pickOne(world, pick);
      world.service.emulator.attachments.attachNetworkInterface({ ...TO, taskArn });
    },
  },
  "attach a volume": {
    weight: 2,
    act(world, pick) {
      const taskArn = pickOne(world, pick);
      world.service.emulator.attachments.attachVolume({ ...TO, taskArn });
    },
  },
  "send a manifest": {
    weight: 3,
    act: ({ service }) => void service.emulator.sendTaskManifest({}, TO),
  },
  "leave tasks that the service does not know": {
    weight: 2,
    act({ agent, service, time }) {
      for (let number = 0; number < ORPHANS; number++) {
        const id = `orphan${time.elapsedMs}-${number}`;
        agent.disk.tasks.set(`arn:aws:ecs:us-west-2:123456789012:task/default/${id}`, "RUNNING");
      }
      service.emulator.sendTaskManifest({}, TO);
    },
  },
  "update the agent": {
    weight: 1,
    act({ service: { emulator } }, pick) {
      const type = pick < 0.5 ? "StageUpdateMessage" : "PerformUpdateMessage";
      emulator.post(type, sampleUpdate(), TO);
    },
  },
  "rotate the instance's keys": { weight: 2, act: (world) => world.rotateKeys() },
  "run and stop many tasks": {
    weight: 2,
    act(world) {
      for (let count = 0; count < BURST / 2; count++) stop(world, run(world));
    },
  },
} as const satisfies Readonly<Record<string, Work>>;

/** The name of a kind of work. */
export type WorkKind = keyof typeof WORKS;

function run({ service: { emulator } }: World): string | undefined {
  if (emulator.instances.isInactive(CONTAINER_INSTANCE_ARN)) return undefined;
  const overrides = JSON.stringify({ password: "simulated-secret-of-a-task" });
  return emulator.taskControl.run({ ...TO, task: { overrides } }).taskArn;
}

function stop({ service: { emulator } }: World, taskArn: string | undefined): void {
  if (taskArn !== undefined) emulator.taskControl.stop(taskArn);
}

function pickOne(world: World, pick: number): string | undefined {
  const running = world.runningTasks();
  return running[Math.floor(pick * running.length)];
}
