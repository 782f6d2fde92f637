/**
 * A scenario: the service's actions and the expected reactions of an agent.
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
  | "recordTelemetry"
  | "region"
  | "requireRegistration"
  | "seed"
>;

/** A script for the emulator. */
export interface Scenario {
  /** Its name in reports. */
  readonly name?: string | undefined;
  /** Its description, for readers. */
  readonly description?: string | undefined;
  /** The options to start the emulator with: pass them to `AcsEmulator.listen`. */
  readonly emulator?: ScenarioEmulatorOptions | undefined;
  /**
   * Time limit of the whole scenario, in ms.
   *
   * @default 60_000
   */
  readonly timeoutMs?: number | undefined;
  /** The steps, in order. The first one that fails ends the scenario. */
  readonly steps: readonly ScenarioStep[];
}

/** One step of a scenario. */
export type ScenarioStep = DoStep | ExpectStep | ExpectAtMostStep | ExpectNoStep | PauseStep;

/** The common fields of steps. */
export interface StepFrame {
  /** Its title in reports; by default a description of it. */
  readonly title?: string | undefined;
  /** The earliest time at which it begins, in ms after the scenario's start. */
  readonly at?: number | undefined;
}

/** Makes the emulator do something. */
export interface DoStep extends StepFrame {
  /** The operation. */
  readonly do: OperationName;
  /** Its input. A string `"$name.field"` stands for a field of an earlier step's result. */
  readonly with?: Readonly<Record<string, unknown>> | undefined;
  /** The name of its result, for later steps. */
  readonly as?: string | undefined;
}

/**
 * The events that can be expected. `ack` is the answer to one message, `message` any message from
 * the agent, `sent` any frame from the emulator, `attempt` an upgrade, accepted or refused; the
 * others are the emulator's events of that name.
 */
export type ScenarioEvent =
  | "ack"
  | "apiCall"
  | "attempt"
  | "connected"
  | "disconnected"
  | "discovered"
  | "failure"
  | "fault"
  | "message"
  | "problem"
  | "refused"
  | "sent"
  | "taskStateChanged"
  | "telemetry";

/** Selects events. */
export interface EventSelection {
  /** The type of the message. */
  readonly type?: string | undefined;
  /** The id of the message; `ack` needs it. */
  readonly messageId?: string | undefined;
  /** The container instance that it happened to. */
  readonly containerInstanceArn?: string | undefined;
  /**
   * A partial entry of the transcript. Each given field of an object must match, and each given
   * entry of a list must match some entry.
   */
  readonly match?: Readonly<Record<string, unknown>> | undefined;
  /**
   * `start` counts all events since the scenario began, so that their order does not matter.
   *
   * @default Events since the first `do` after the last expectation count.
   */
  readonly since?: "start" | undefined;
}

/**
 * Waits until an event has happened, at any time since the first `do` after the last expectation.
 * Each event satisfies one expectation.
 */
export interface ExpectStep extends StepFrame, EventSelection {
  /** The event. */
  readonly expect: ScenarioEvent;
  /**
   * Number of matching events that must occur.
   *
   * @default 1
   */
  readonly count?: number | undefined;
  /**
   * Time limit of the wait, in ms.
   *
   * @default 10_000
   */
  readonly within?: number | undefined;
  /** The name of the event's entry in the transcript, for later steps. */
  readonly as?: string | undefined;
}

/** Waits, and fails if an event happens too often. */
export interface ExpectAtMostStep extends StepFrame, EventSelection {
  /** The event. */
  readonly expect: ScenarioEvent;
  /** Maximum number of events. */
  readonly atMost: number;
  /** How long to wait, in ms. Events since the first `do` after the last expectation count, too. */
  readonly for: number;
}

/**
 * Waits, and fails if an event happens. Every `problem` and `failure` since the scenario began
 * counts, except for those that satisfied an {@linkcode ExpectStep}.
 */
export interface ExpectNoStep extends StepFrame, EventSelection {
  /** The event. */
  readonly expectNo: ScenarioEvent;
  /** How long to wait, in ms. Events since the first `do` after the last expectation count, too. */
  readonly for: number;
}

/** Waits for a time. */
export interface PauseStep extends StepFrame {
  /** How long, in ms. */
  readonly pause: number;
}

/** The result of a step. */
export interface StepReport {
  /** The step's number, from 1. */
  readonly step: number;
  /** What it did. */
  readonly title: string;
  /** The outcome; steps after a failed one are skipped. */
  readonly outcome: "ok" | "failed" | "skipped";
  /** How long it took, in ms. */
  readonly durationMs: number;
  /** Why it failed; missing if it did not. */
  readonly error?: string | undefined;
  /** The known reasons why an expectation was not met, each in one line. */
  readonly details?: readonly string[] | undefined;
}

/** The result of a scenario. */
export interface ScenarioReport {
  /** Its name. */
  readonly name: string;
  /** Whether all steps succeeded. */
  readonly passed: boolean;
  /** How long it took, in ms. */
  readonly durationMs: number;
  /** The results of the steps. */
  readonly steps: readonly StepReport[];
}

/** Options for playing a scenario. */
export interface PlayOptions {
  /** Aborts the scenario: the step in progress fails with the reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Time limit of the whole scenario, in ms.
   *
   * @default the scenario's own `timeoutMs`
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether the scenario continues after an expectation was not met, so that the report has all
   * differences. An unmet `connected` expectation always ends it.
   *
   * @default false
   */
  readonly keepGoing?: boolean | undefined;
  /** Called after each step. */
  readonly onStep?: ((step: StepReport) => void) | undefined;
}
