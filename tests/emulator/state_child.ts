/**
 * An emulator with a state file that runs one task after the other, prints each to standard output
 * as soon as the call has returned, and is meant to be killed.
 *
 * @module
 */

import process from "node:process";
import { AcsEmulator } from "../../emulator/mod.ts";

const emulator = await AcsEmulator.listen({ stateFile: process.argv[2] ?? "" });
for (;;) {
  const { taskArn, messageId } = emulator.runTask();
  process.stdout.write(`${taskArn} ${messageId}\n`);
  // Lets the line be written.
  await new Promise((resolve) => setTimeout(resolve));
}
