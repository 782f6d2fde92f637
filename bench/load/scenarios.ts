/**
 * What the load generator does with the connections it gets: one file for each scenario.
 *
 * @module
 */

import { type BurstScenario, startBursts } from "./burst.ts";
import { type FirstAnswerScenario, startFirstAnswer } from "./first_answer.ts";
import { type IdleScenario, startIdle } from "./idle.ts";
import type { LoadConnection } from "./load_server.ts";
import { type ReconnectScenario, startReconnects } from "./reconnect.ts";
import { type ResendScenario, startResend } from "./resend.ts";
import { type RoundTripScenario, startRoundTrips } from "./round_trip.ts";

/** What to do. */
export type Scenario =
  | BurstScenario
  | FirstAnswerScenario
  | IdleScenario
  | ReconnectScenario
  | ResendScenario
  | RoundTripScenario;

/** Prepares a scenario; what it returns takes the connections. */
export function startScenario(scenario: Scenario): (connection: LoadConnection) => void {
  switch (scenario.name) {
    case "burst":
      return startBursts(scenario);
    case "first-answer":
      return startFirstAnswer(scenario);
    case "idle":
      return startIdle(scenario);
    case "reconnect":
      return startReconnects(scenario);
    case "resend":
      return startResend(scenario);
    case "round-trip":
      return startRoundTrips(scenario);
  }
}
