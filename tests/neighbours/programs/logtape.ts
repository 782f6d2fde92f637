/**
 * Another version of LogTape in the process of a session, configured by the application:
 * `logtape.js <package> before|after`. "Before" means that it is loaded before our package.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";

const [name = "@logtape/logtape", when] = process.argv.slice(2);
const lines: string[] = [];

async function configure(): Promise<void> {
  const { configure } = await import(name);
  await configure({
    sinks: {
      lines: ({ category, message }: { category: string[]; message: unknown[] }) =>
        void lines.push(`${category.join(".")}: ${message.join("")}`),
    },
    loggers: [
      { category: ["acs", "session"], sinks: ["lines"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "warning" },
    ],
  });
}

if (when === "before") await configure();
const { playSession } = await import("./play_session.ts");
if (when !== "before") await configure();
await playSession();
for (const what of ["Connected to", "Received PayloadMessage", "Sent AckRequest", "Stopped"]) {
  assert.ok(lines.some((line) => line.startsWith(`acs.session: ${what}`)), `${what}: ${lines}`);
}
assert.deepEqual(lines.filter((line) => line.startsWith("logtape")), []);
