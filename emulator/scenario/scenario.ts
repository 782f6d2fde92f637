/**
 * A scenario: what the service does to an agent, and what the agent has to do in return.
 *
 * @module
 */

import type { OperationName } from "../control/operations.ts";
import type { EmulatorOptions } from "../emulator_options.ts";

/** The emulator's options that a scenario may set. */
export type ScenarioEmulatorOptions = Pick<
  EmulatorOptions,
  | "answerTaskStopVerification"
  | "clockSkewMs"
  | "clusterArn"
  | "containerInstances"
  | "credentials"
  | "exceptionForm"
  | "heartbeatIntervalMs"
  | "maxConnectionMs"
  | "missedHeartbeatLimit"
  | "region"
  | "seed"
>;

/** A script for the emulator. */
export interface Scenario {
  /** What it is called in reports. */
  readonly name?: string | undefined;
  /** What it shows, for readers. */
  readonly description?: string | undefined;
  /** How the emulator is to be started: hand it to `AcsEmulator.listen`. */
  readonly emulator?: ScenarioEmulatorOptions | undefined;
  /**
   * How long all of it may take, in ms.
   *
   * @default 60_000
   */
  readonly timeoutMs?: number | undefined;
  /** What happens, in order. The first step that fails ends it. */
  readonly steps: readonly ScenarioStep[];
}

/** One step of a scenario. */
export type ScenarioStep = DoStep | ExpectStep | ExpectAtMostStep | ExpectNoStep | PauseStep;

/** What every step may have. */
export interface StepFrame {
  /** What it is called in reports; by default what it does. */
  readonly title?: string | undefined;
  /** It begins no earlier than so many ms after the scenario. */
  readonly at?: number | undefined;
}

/** Has the emulator do something. */
export interface DoStep extends StepFrame {
  /** The operation. */
  readonly do: OperationName;
  /** Its input. A text `"$name.field"` stands for a field of an earlier step's result. */
  readonly with?: Readonly<Record<string, unknown>> | undefined;
  /** What later steps call its result. */
  readonly as?: string | undefined;
}

/**
 * What may be expected. `ack` is the answer to one message, `message` anything that the agent sends,
 * `sent` anything that the emulator sends, `attempt` an upgrade, admitted or refused; the others are
 * the emulator's events of that name.
 */
export type ScenarioEvent =
  | "ack"
  | "attempt"
  | "connected"
  | "disconnected"
  | "discovered"
  | "failure"
  | "fault"
  | "message"
  | "problem"
  | "refused"
  | "sent";

/** Which events are meant. */
export interface EventSelection {
  /** The type of the message. */
  readonly type?: string | undefined;
  /** The id of the message; `ack` needs it. */
  readonly messageId?: string | undefined;
  /** The container instance that it happened to. */
  readonly containerInstanceArn?: string | undefined;
  /**
   * What else its entry in the transcript must have. Of objects the fields given must match, of lists
   * each entry given must match one that is there.
   */
  readonly match?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Waits until something has happened. It may have happened since the first `do` after the last
 * expectation; each event meets one expectation.
 */
export interface ExpectStep extends StepFrame, EventSelection {
  /** What. */
  readonly expect: ScenarioEvent;
  /**
   * How often.
   *
   * @default 1
   */
  readonly count?: number | undefined;
  /**
   * How long is waited for it, in ms.
   *
   * @default 10_000
   */
  readonly within?: number | undefined;
  /** What later steps call the event's entry in the transcript. */
  readonly as?: string | undefined;
}

/** Waits for a time and fails if something happens too often. */
export interface ExpectAtMostStep extends StepFrame, EventSelection {
  /** What. */
  readonly expect: ScenarioEvent;
  /** How often it may happen. */
  readonly atMost: number;
  /** How long is waited, in ms. What came since the first `do` after the last expectation counts, too. */
  readonly for: number;
}

/**
 * Waits for a time and fails if something happens. Of `problem` and `failure` all since the scenario
 * began count, but for those that an {@linkcode ExpectStep} has met.
 */
export interface ExpectNoStep extends StepFrame, EventSelection {
  /** What. */
  readonly expectNo: ScenarioEvent;
  /** How long is waited, in ms. What came since the first `do` after the last expectation counts, too. */
  readonly for: number;
}

/** Waits for a time. */
export interface PauseStep extends StepFrame {
  /** How long, in ms. */
  readonly pause: number;
}

/** How a step went. */
export interface StepReport {
  /** Counts the steps from 1. */
  readonly step: number;
  /** What it did. */
  readonly title: string;
  /** How it went; steps after one that failed are skipped. */
  readonly outcome: "ok" | "failed" | "skipped";
  /** How long it took, in ms. */
  readonly durationMs: number;
  /** Why it failed; missing if it did not. */
  readonly error?: string | undefined;
}

/** How a scenario went. */
export interface ScenarioReport {
  /** Its name. */
  readonly name: string;
  /** Whether all steps went well. */
  readonly passed: boolean;
  /** How long it took, in ms. */
  readonly durationMs: number;
  /** How each step went. */
  readonly steps: readonly StepReport[];
}

/** How a scenario is played. */
export interface PlayOptions {
  /** Aborts it: the step in progress fails with the reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long all of it may take, in ms.
   *
   * @default the scenario's own `timeoutMs`
   */
  readonly timeoutMs?: number | undefined;
  /** Told of each step when it is over. */
  readonly onStep?: ((step: StepReport) => void) | undefined;
}
