/**
 * The load generator's scenarios; each has its own file.
 *
 * @module
 */

import { type BurstScenario, startBursts } from "./burst.ts";
import { type FirstAnswerScenario, startFirstAnswer } from "./first_answer.ts";
import { type HeartbeatsScenario, startHeartbeats } from "./heartbeats.ts";
import { type IdleScenario, startIdle } from "./idle.ts";
import type { LoadConnection } from "./load_server.ts";
import { type ReconnectScenario, startReconnects } from "./reconnect.ts";
import { type ResendScenario, startResend } from "./resend.ts";
import { type RoundTripScenario, startRoundTrips } from "./round_trip.ts";

/** A scenario. */
export type Scenario =
  | BurstScenario
  | FirstAnswerScenario
  | HeartbeatsScenario
  | IdleScenario
  | ReconnectScenario
  | ResendScenario
  | RoundTripScenario;

/** Prepares a scenario and returns what to do with each connection. */
export function startScenario(scenario: Scenario): (connection: LoadConnection) => void {
  switch (scenario.name) {
    case "burst":
      return startBursts(scenario);
    case "first-answer":
      return startFirstAnswer(scenario);
    case "heartbeats":
      return startHeartbeats(scenario);
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
