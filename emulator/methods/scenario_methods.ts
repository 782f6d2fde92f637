/**
 * The methods of an emulator that act as the service does over time: scenarios and sample traffic.
 *
 * @module
 */

import type { EmulatorService } from "../emulator_service.ts";
import type { SampleTrafficOptions } from "../samples/sample_traffic.ts";
import type { PlayOptions, Scenario, ScenarioReport } from "../scenario/scenario.ts";

/** Plays scenarios, and sends sample traffic. */
export interface ScenarioMethods {
  /**
   * Plays a scenario against the agents that connect. The report says what went wrong; the first
   * step that fails ends the scenario.
   *
   * @param scenario The scenario. Its own `emulator` options are for
   * `AcsEmulator.listen`.
   * @param options What ends it early, and the callback for each step.
   * @returns The report.
   * @throws {ScenarioError} If the scenario cannot be played at all.
   * @throws {RangeError} If an option is unknown or out of range.
   *
   * @example
   * ```ts
   * import { AcsEmulator, type Scenario } from "@acs/session/emulator";
   *
   * const scenario: Scenario = {
   *   emulator: { heartbeatIntervalMs: 1_000 },
   *   timeoutMs: 100,
   *   steps: [
   *     { expect: "connected" },
   *     { do: "run-task", as: "web" },
   *     { expect: "ack", messageId: "$web.messageId", within: 5_000 },
   *   ],
   * };
   * await using emulator = await AcsEmulator.listen(scenario.emulator);
   * // Start your agent here; without one the first step fails.
   * const report = await emulator.playScenario(scenario);
   * for (const { title, outcome, error } of report.steps) console.log(outcome, title, error ?? "");
   * ```
   */
  playScenario(scenario: Scenario, options?: PlayOptions): Promise<ScenarioReport>;

  /**
   * Sends sample messages, one after the other, until the signal aborts, to try things out without
   * writing a test. The first one is sent as soon as an agent is connected; while none is, nothing
   * is sent.
   *
   * @param options The pace, the messages and the end.
   * @returns When the signal has aborted.
   * @throws {EmulatorClosedError} If the emulator is closed first.
   * @throws {RangeError} If an option is unknown or out of range.
   *
   * @example
   * ```ts
   * import { AcsEmulator } from "@acs/session/emulator";
   *
   * await using emulator = await AcsEmulator.listen();
   * await emulator.sendSampleTraffic({ signal: AbortSignal.timeout(100) });
   * ```
   */
  sendSampleTraffic(options: SampleTrafficOptions): Promise<void>;
}

/** Creates the methods, which act on a service. */
export function scenarioMethods(service: EmulatorService): ScenarioMethods {
  return {
    playScenario: async (scenario, options = {}) => {
      const { playScenario } = await import("../scenario/play_scenario.ts");
      return await playScenario(service, scenario, options);
    },
    sendSampleTraffic: async (options) => {
      const { sendSampleTraffic } = await import("../samples/sample_traffic.ts");
      await sendSampleTraffic(service, options);
    },
  };
}
