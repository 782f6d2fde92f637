/**
 * An emulator with a state file that runs task after task, tells each on standard output as soon as
 * it was told of it itself, and is meant to be killed.
 *
 * @module
 */

import process from "node:process";
import { AcsEmulator } from "../../emulator/mod.ts";

const emulator = await AcsEmulator.listen({ stateFile: process.argv[2] ?? "" });
for (;;) {
  const { taskArn, messageId } = emulator.runTask();
  process.stdout.write(`${taskArn} ${messageId}\n`);
  // Lets the line go out.
  await new Promise((resolve) => setTimeout(resolve));
}
