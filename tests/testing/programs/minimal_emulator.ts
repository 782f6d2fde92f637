/**
 * A program that only runs an emulator, to find the permissions that it needs on Deno.
 *
 * @module
 */

import { AcsEmulator } from "../../../emulator/mod.ts";

const emulator = await AcsEmulator.listen();
const response = await fetch(emulator.url);
const answer = new TextEncoder().encode(`${response.status} ${await response.text()}`);
await Deno.stdout.write(answer);
await emulator.close();
