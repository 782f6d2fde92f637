/**
 * Commands print their first output before they load the session or the emulator, which takes time,
 * and need only packages that users have.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "../testing/test.ts";

const ROOT = new URL("../..", import.meta.url);

interface Dependency {
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier?: string };
}

interface ModuleGraph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly Dependency[];
  }[];
}

/** The modules (relative to the root) and packages that are loaded with a module. */
async function loadedWith(path: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ["info", "--json", path], {
    cwd: fileURLToPath(ROOT),
    maxBuffer: 2 ** 26,
  });
  const { roots, modules }: ModuleGraph = JSON.parse(stdout);
  const graph = new Map(modules.map((each) => [each.specifier, each.dependencies ?? []]));
  const found = new Set(roots);
  for (const specifier of found) {
    for (const { isDynamic, code } of graph.get(specifier) ?? []) {
      if (isDynamic !== true && code?.specifier !== undefined) found.add(code.specifier);
    }
  }
  return [...found].map((specifier) => specifier.replace(ROOT.href, ""));
}

test("The command acs loads neither the session nor the emulator before it prints", async () => {
  const loaded = await loadedWith("cli/mod.ts");
  assert.ok(loaded.includes("cli/run.ts"));
  assert.deepEqual(loaded.filter((path) => /^npm:/.test(path) && !path.includes("commander")), []);
  assert.ok(!loaded.includes("session/session.ts"));
  assert.ok(!loaded.includes("emulator/acs_emulator.ts"));
});

test("The first output of acs emulate does not wait for the modules of scenarios, traces or the control plane", async () => {
  const loaded = await loadedWith("cli/serve_emulator.ts");
  assert.ok(loaded.includes("emulator/acs_emulator.ts"));
  const later = [
    "cli/emulate_scenario.ts",
    "emulator/control/answer_control.ts",
    "emulator/scenario/play_scenario.ts",
    "emulator/trace/trace_file.ts",
    "failures/catalogue.ts",
    "session/session.ts",
  ];
  assert.deepEqual(later.filter((path) => loaded.includes(path)), []);
});

test("With keys in the environment, acs run needs no package of the AWS SDK", async () => {
  const args = ["run", "--config", "deno.json", "-A", "cli/main.ts", "run"];
  const { AWS_PROFILE: _, ...env } = process.env;
  const ended = promisify(execFile)(process.execPath, [
    ...args,
    "--container-instance-arn=arn:aws:ecs:us-west-2:123456789012:container-instance/default/0a1b",
    "--endpoint-url=http://127.0.0.1:1",
    "--until=connected",
    "--within=1s",
  ], {
    cwd: fileURLToPath(ROOT),
    env: { ...env, AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "example" },
  });
  const { code, stdout, stderr } = await ended.catch((error: unknown) => Object(error));
  assert.equal(stderr, "");
  assert.match(stdout, /cannot reach ECS/);
  assert.equal(code, 1);
});
