/**
 * Something to see without writing a test: sample messages, one after the other, for as long as an
 * agent is connected.
 *
 * @module
 */

import { delay } from "../../internal/delay.ts";
import type { AcsEmulator } from "../acs_emulator.ts";
import {
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
  sampleCredentials,
  samplePayload,
  sampleTaskManifest,
} from "./samples.ts";

/** Sends one message, or a few that belong together, about task `n`. */
export type SampleStep = (emulator: AcsEmulator, n: number) => void;

/**
 * What a task goes through, in this order. The manifest names only the newest task, so that an agent
 * that keeps the earlier ones asks whether to stop them.
 */
export const SAMPLE_STEPS: readonly SampleStep[] = [
  (emulator, n) => emulator.attachTaskNetworkInterfaces(sampleAttachTaskNetworkInterfaces(n)),
  (emulator, n) => emulator.sendPayload(samplePayload(n)),
  (emulator, n) => emulator.confirmAttachment(sampleConfirmAttachment(n)),
  (emulator, n) => {
    emulator.sendCredentials(sampleCredentials(n, "TaskApplication"));
    emulator.sendCredentials(sampleCredentials(n, "TaskExecution"));
  },
  (emulator, n) => emulator.sendTaskManifest(sampleTaskManifest(n)),
];

/** How the messages follow each other. */
export interface SampleTrafficOptions {
  /**
   * Time from one step to the next, in ms.
   *
   * @default 5_000
   */
  readonly intervalMs?: number;
  /**
   * What is sent, over and over, each round for one more task.
   *
   * @default SAMPLE_STEPS
   */
  readonly steps?: readonly SampleStep[];
  /**
   * How many messages may be waiting for an acknowledgement; with more, a step is left out, so that
   * an agent that never acknowledges is not buried.
   *
   * @default 20
   */
  readonly maxPending?: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Sends sample messages until the signal aborts. The first one goes out as soon as an agent is
 * connected; while none is, nothing is sent.
 *
 * @param emulator The emulator.
 * @param options How the messages follow each other, and what ends it.
 * @returns When the signal has aborted.
 * @throws {EmulatorClosedError} If the emulator is closed first.
 *
 * @example
 * ```ts
 * import { AcsEmulator, runSampleTraffic } from "@acs/session/emulator";
 *
 * await using emulator = await AcsEmulator.listen();
 * await runSampleTraffic(emulator, { signal: AbortSignal.timeout(100) });
 * ```
 */
export async function runSampleTraffic(
  emulator: AcsEmulator,
  options: SampleTrafficOptions,
): Promise<void> {
  const { intervalMs = 5_000, steps = SAMPLE_STEPS, maxPending = 20, signal } = options;
  for (let n = 1;; n++) {
    for (const step of steps) {
      if (!await connected(emulator, signal)) return;
      if (emulator.pendingCount <= maxPending) step(emulator, n);
      await delay(intervalMs, signal).catch(() => {
        // Aborted: the next look for a connection sees it.
      });
    }
  }
}

/** Waits for a connection; `false` once the signal has aborted. */
async function connected(emulator: AcsEmulator, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await emulator.waitForConnection({ signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
