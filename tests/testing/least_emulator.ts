/**
 * A program that holds an emulator and nothing else, to see what permissions that takes on Deno.
 *
 * @module
 */

import { AcsEmulator } from "../../emulator/mod.ts";

const emulator = await AcsEmulator.listen();
const response = await fetch(emulator.url);
const answer = new TextEncoder().encode(`${response.status} ${await response.text()}`);
await Deno.stdout.write(answer);
await emulator.close();
