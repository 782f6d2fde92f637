/**
 * Checks what the package loads on Deno: importing Node's modules, OpenTelemetry or LogTape would
 * cost every agent several milliseconds and megabytes; see docs/decisions/weight.md.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "../testing/test.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The fields of the output of `deno info --json` that are used. */
interface ModuleGraph {
  readonly roots: readonly string[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly isDynamic?: boolean;
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

/** The modules that are loaded with a module, without type-only and dynamic imports. */
async function loadedWith(path: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["info", "--json", join(ROOT, path)],
    { cwd: ROOT, maxBuffer: 64 * 2 ** 20 },
  );
  const { roots, redirects, modules }: ModuleGraph = JSON.parse(stdout);
  const dependencies = new Map(modules.map((module) => [module.specifier, module.dependencies]));
  const loaded = new Set<string>();
  const queue = [...roots];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const specifier = redirects[next] ?? next;
    if (loaded.has(specifier)) continue;
    loaded.add(specifier);
    for (const { isDynamic, code } of dependencies.get(specifier) ?? []) {
      if (!isDynamic && code?.specifier !== undefined) queue.push(code.specifier);
    }
  }
  return [...loaded];
}

test("The package creates no classes of Unicode characters before they are needed", async () => {
  const creating: string[] = [];
  for (const specifier of await loadedWith("mod.ts")) {
    if (!specifier.startsWith("file:")) continue;
    const text = await readFile(fileURLToPath(specifier), "utf8");
    if (/^(?:export )?(?:const|let) [^;(]*=\s*\/.*\\p\{/m.test(text)) creating.push(specifier);
  }
  assert.deepEqual(creating, []);
});

test("The package loads no Node module and no other package except the one that signs", async () => {
  const loaded = await loadedWith("mod.ts");
  const foreign = loaded.filter((specifier) => !specifier.startsWith("file:"));
  assert.deepEqual(foreign.map((specifier) => specifier.replace(/@[\d.]+$/, "")), [
    "npm:/aws4fetch",
  ]);
});
