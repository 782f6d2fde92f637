/**
 * What the load generator does with the connections it gets: one file for each scenario.
 *
 * @module
 */

import { type BurstScenario, startBurst } from "./burst.ts";
import type { LoadConnection } from "./load_server.ts";
import { type RoundTripScenario, startRoundTrips } from "./round_trip.ts";

/** What to do. */
export type Scenario = BurstScenario | RoundTripScenario;

/** Prepares a scenario; what it returns takes the connections. */
export function startScenario(scenario: Scenario): (connection: LoadConnection) => void {
  switch (scenario.name) {
    case "burst":
      return startBurst(scenario);
    case "round-trip":
      return startRoundTrips(scenario);
  }
}
