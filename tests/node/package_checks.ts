/**
 * Checks for the parts that only the installed package has. Runs on Node, in a folder with nothing
 * else installed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const FOLDER = process.cwd();
const PACKAGE = join(FOLDER, "node_modules", "@acs", "session");
const ARN = "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123";

/** The result of a command. */
interface Outcome {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function execute(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, [...args], { cwd: FOLDER }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

test("The session and the emulator are imported by their names", async () => {
  const session = await import("@acs/session");
  const emulator = await import("@acs/session/emulator");
  assert.equal(typeof session.Session, "function");
  assert.equal(typeof emulator.AcsEmulator.listen, "function");
});

test("The other transport and the command are imported by their names", async () => {
  const transport = await import("@acs/session/ws");
  const cli = await import("@acs/session/cli");
  assert.ok(Object.values(transport).some((exported) => typeof exported === "function"));
  assert.equal(await cli.main(["--version"]), 0);
});

test("CommonJS gets every export with require(), without a warning", async () => {
  const script = `
    for (const name of ["", "/emulator", "/ws", "/cli"]) {
      console.log(name, Object.keys(require("@acs/session" + name)).length > 0);
    }`;
  const outcome = await execute(process.execPath, ["--input-type=commonjs", "-e", script]);
  assert.deepEqual(outcome, {
    code: 0,
    stdout: " true\n/emulator true\n/ws true\n/cli true\n",
    stderr: "",
  });
});

test("CommonJS gets the same module with import()", async () => {
  const script = 'import("@acs/session").then(({ Session }) => console.log(typeof Session))';
  const { stdout } = await execute(process.execPath, ["--input-type=commonjs", "-e", script]);
  assert.equal(stdout.trim(), "function");
});

test("Every module of the package can be loaded, and none but the command has side effects", async () => {
  const files = (await readdir(PACKAGE, { recursive: true }))
    .filter((file) => file.endsWith(".js") && file !== join("bin", "acs.js"));
  const script = files
    .map((file) => `await import(${JSON.stringify(pathToFileURL(join(PACKAGE, file)).href)});`)
    .join("\n");
  const outcome = await execute(process.execPath, [
    // The state file needs SQLite, even on Node 22; SQLite is loaded only if a state file is used.
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    script,
  ]);
  assert.deepEqual(outcome, { code: 0, stdout: "", stderr: "" });
});

test("Importing the session loads no more packages than it needs", async () => {
  const log = fileURLToPath(new URL("./import_log.ts", import.meta.url));
  const script = 'await import("@acs/session");';
  const { code, stdout, stderr } = await execute(process.execPath, [
    `--import=${pathToFileURL(log).href}`,
    "--input-type=module",
    "-e",
    script,
  ]);
  assert.equal(code, 0, stderr);
  const packages = stdout.matchAll(/\/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//g);
  assert.deepEqual([...new Set([...packages].map(([, name]) => name))].sort(), [
    "@acs/session",
    "aws4fetch",
  ]);
});

test("npx acs prints the package's version", async () => {
  const { version } = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8"));
  assert.deepEqual(await execute("npx", ["--no", "--", "acs", "--version"]), {
    code: 0,
    stdout: `${version}\n`,
    stderr: "",
  });
});

test("npx acs demo runs everything and exits on its own", async () => {
  const { code, stdout, stderr } = await execute("npx", ["--no", "--", "acs", "demo"]);
  assert.equal(code, 0, stderr + stdout);
  assert.match(stdout, /AckRequest/);
});

test("acs run names the optional package if it is missing", async () => {
  const args = ["--region=us-west-2", `--container-instance-arn=${ARN}`];
  const { code, stderr } = await execute("npx", ["--no", "--", "acs", "run", ...args]);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /npm install @aws-sdk\/credential-providers/);
});
