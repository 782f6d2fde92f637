/**
 * Sends sample messages, one after the other, for as long as an agent is connected.
 *
 * @module
 */

import { delay } from "../../internal/delay.ts";
import { checkNumber } from "../../internal/number_option.ts";
import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { sendMessage, type TypedMessage } from "../send_message.ts";
import { waitForConnection } from "../waiting.ts";
import {
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
  sampleCredentials,
  samplePayload,
  sampleTaskManifest,
} from "./samples.ts";

/** Creates one message, or a few that belong together, about task `n`. */
export type SampleStep = (n: number) => readonly TypedMessage[];

/**
 * The messages about one task, in this order. The manifest names only the newest task, so that an
 * agent that keeps the earlier ones asks whether to stop them.
 */
export const SAMPLE_STEPS: readonly SampleStep[] = [
  (n) => [{
    type: "AttachTaskNetworkInterfacesMessage",
    message: sampleAttachTaskNetworkInterfaces(n),
  }],
  (n) => [{ type: "PayloadMessage", message: samplePayload(n) }],
  (n) => [{ type: "ConfirmAttachmentMessage", message: sampleConfirmAttachment(n) }],
  (n) => [
    { type: "IAMRoleCredentialsMessage", message: sampleCredentials(n, "TaskApplication") },
    { type: "IAMRoleCredentialsMessage", message: sampleCredentials(n, "TaskExecution") },
  ],
  (n) => [{ type: "TaskManifestMessage", message: sampleTaskManifest(n) }],
];

/** The options of sample traffic. */
export interface SampleTrafficOptions {
  /**
   * Time from one step to the next, in ms.
   *
   * @default 5_000
   */
  readonly intervalMs?: number;
  /**
   * The steps, repeated for one task after the other.
   *
   * @default SAMPLE_STEPS
   */
  readonly steps?: readonly SampleStep[];
  /**
   * Maximum number of unacknowledged messages; beyond it, steps are skipped, so that an agent that
   * never acknowledges messages is not flooded.
   *
   * @default 20
   */
  readonly maxPending?: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const OPTION_NAMES: OptionNames<SampleTrafficOptions> = {
  intervalMs: true,
  steps: true,
  maxPending: true,
  signal: true,
};

/**
 * Sends sample messages until the signal aborts, for as long as an agent is connected.
 *
 * @param service The service.
 * @param options The pace and the end.
 * @returns When the signal has aborted.
 * @throws {EmulatorClosedError} If the emulator is closed first.
 * @throws {RangeError} If an option is unknown or out of range.
 */
export async function sendSampleTraffic(
  service: EmulatorService,
  options: SampleTrafficOptions,
): Promise<void> {
  checkOptionNames(options, OPTION_NAMES, "");
  const { intervalMs = 5_000, steps = SAMPLE_STEPS, maxPending = 20, signal } = options;
  checkNumber("intervalMs", intervalMs);
  checkNumber("maxPending", maxPending, { max: Infinity });
  for (let n = 1;; n++) {
    for (const step of steps) {
      if (!await connected(service, signal)) return;
      if (service.hub.outbox.size <= maxPending) {
        for (const { type, message } of step(n)) sendMessage(service, type, message);
      }
      await delay(intervalMs, signal).catch(() => {
        // Aborted: the loop ends when it looks for a connection.
      });
    }
  }
}

/** Waits for a connection; `false` once the signal has aborted. */
async function connected(service: EmulatorService, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await waitForConnection(service, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
