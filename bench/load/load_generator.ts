/**
 * The service's side of every measurement, in a process of its own: answers DiscoverPollEndpoint,
 * takes upgrades, writes frames that were encoded beforehand, and counts what comes back by the
 * frames' headers. Checks nothing; the emulator is for that.
 *
 * Says on standard output, one JSON value a line, first where it listens and then what the scenario
 * found; waits for a line of standard input where the scenario says so.
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
