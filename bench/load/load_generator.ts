/**
 * The service's side of every measurement, in its own process: answers DiscoverPollEndpoint, accepts
 * upgrades, writes frames that were encoded in advance, and counts the answers by their frames'
 * headers. It validates nothing; the emulator does that.
 *
 * Prints one JSON value per line: first its port, then the scenario's results. Scenarios may wait for
 * a line on standard input.
 *
 * @module
 */

import process from "node:process";
import { listen } from "./load_server.ts";
import { type Scenario, startScenario } from "./scenarios.ts";

const scenario: Scenario = JSON.parse(process.argv[2] ?? "");
const onConnection = startScenario(scenario);
const port = await listen(onConnection);
process.stdout.write(`${JSON.stringify({ port })}\n`);
