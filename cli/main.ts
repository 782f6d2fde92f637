/**
 * The program `acs`: runs the command and exits with its code. Nothing exports this file, since
 * importing it runs it; the npm build creates `bin/acs.js` from it.
 *
 * @module
 */

import process from "node:process";

// Before anything else is loaded, which an older Node could not do.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (!("Deno" in globalThis) && (major < 22 || (major === 22 && minor < 13))) {
  process.stderr.write(`acs needs Node 22.13 or later; this is Node ${process.versions.node}\n`);
  process.exit(1);
}

// At each start, Node warns about experimental features that the command uses on purpose, such as
// SQLite.
if (!("Deno" in globalThis)) {
  const [printWarning] = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") printWarning?.(warning);
  });
}

const { main } = await import("./mod.ts");
const { exitOnClosedOutput, exitWhenFlushed } = await import("./exit.ts");
exitOnClosedOutput();
exitWhenFlushed(await main(process.argv.slice(2)));
