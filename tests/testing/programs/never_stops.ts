/**
 * A program that reacts to the first signal and never stops.
 *
 * @module
 */

import process from "node:process";
import { stopOnSignals } from "../../../cli/signals.ts";

const { signal } = stopOnSignals();
signal.addEventListener("abort", () => void process.stdout.write("stopping\n"));
setInterval(() => {}, 1_000);
process.stdout.write("started\n");
