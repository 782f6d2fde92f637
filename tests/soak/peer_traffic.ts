/**
 * The messages of a soak's service: of all kinds, to all container instances in turn.
 *
 * @module
 */

import {
  type AcsEmulator,
  type PostedMessage,
  sampleAttachInstanceNetworkInterfaces,
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
  sampleCredentials,
  samplePayload,
  sampleTaskManifest,
  sampleUpdate,
  type SendOptions,
} from "../../emulator/mod.ts";
import type { RandomSource } from "../../internal/jitter.ts";
import { drawBelow, drawOne } from "../testing/fuzz/seeded_random.ts";
import { instanceArn } from "./instances.ts";
import { BAD_FRAMES } from "./peer_faults.ts";

/** Time between two messages, in ms. */
const INTERVAL_MS = 5;

/** An instance with this many unanswered messages gets no more until some are answered. */
const MOST_UNDER_WAY = 20;

/** Messages refer to this many tasks. */
const TASKS = 50;

type Send = (emulator: AcsEmulator, task: number, to: SendOptions) => PostedMessage;

const SENDS: readonly Send[] = [
  (emulator, task, to) => emulator.sendPayload(samplePayload(task), to),
  (emulator, task, to) => emulator.sendPayload(samplePayload(task, task + 1), to),
  (emulator, task, to) => emulator.sendCredentials(sampleCredentials(task), to),
  (emulator, task, to) => emulator.sendCredentials(sampleCredentials(task, "TaskExecution"), to),
  (emulator, task, to) =>
    emulator.attachTaskNetworkInterfaces(sampleAttachTaskNetworkInterfaces(task), to),
  (emulator, task, to) =>
    emulator.attachInstanceNetworkInterfaces(sampleAttachInstanceNetworkInterfaces(task), to),
  (emulator, task, to) => emulator.confirmAttachment(sampleConfirmAttachment(task), to),
  (emulator, task, to) => emulator.sendTaskManifest(sampleTaskManifest(task), to),
  (emulator, _task, to) => emulator.sendStageUpdate(sampleUpdate(), to),
  (emulator, _task, to) => emulator.sendPerformUpdate(sampleUpdate(), to),
];

/** What has been sent. */
export interface Traffic {
  /** Messages that require an answer. */
  readonly posted: number;
  /** The answered ones of these. */
  readonly answered: number;
  /** Stops sending. */
  stop(): void;
}

/** Sends until it is stopped. */
export function startTraffic(
  emulator: AcsEmulator,
  instances: number,
  random: RandomSource,
): Traffic {
  const underWay = new Array<number>(instances).fill(0);
  let posted = 0;
  let answered = 0;
  const timer = setInterval(() => {
    const index = drawBelow(instances, random);
    const to = { containerInstanceArn: instanceArn(index) };
    if (random() < 0.1) return emulator.sendRaw(drawOne(BAD_FRAMES, random), to);
    if ((underWay[index] ?? 0) >= MOST_UNDER_WAY) return;
    posted += 1;
    underWay[index] = (underWay[index] ?? 0) + 1;
    const settled = () => {
      answered += 1;
      underWay[index] = (underWay[index] ?? 0) - 1;
    };
    // A refusal of an update is an answer, too.
    drawOne(SENDS, random)(emulator, 1 + drawBelow(TASKS, random), to).acked
      .then(settled, settled);
  }, INTERVAL_MS);
  return {
    get posted() {
      return posted;
    },
    get answered() {
      return answered;
    },
    stop: () => clearInterval(timer),
  };
}
