import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startProgram } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

const ENDLESS = fileURLToPath(new URL("../testing/programs/never_stops.ts", import.meta.url));

for (const [name, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`A first ${name} requests a stop, a second one ends the process immediately with ${exitCode}`, async () => {
    const program = startProgram(ENDLESS);
    await program.output(/started/);
    program.signal(name);
    await program.output(/stopping/);
    program.signal(name);
    assert.equal((await program.ended).code, exitCode);
  });
}
