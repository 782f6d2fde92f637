/**
 * The table of neighbours has no gaps.
 */

import assert from "node:assert/strict";
import fields from "../../npm/package_fields.json" with { type: "json" };
import { pinnedVersions } from "../../scripts/npm/deno_config.ts";
import { NEWEST_NODES, OLDEST_NODES } from "../node/node_versions.ts";
import { test } from "../testing/test.ts";
import { type Neighbour, NEIGHBOURS } from "./versions.ts";

/** The first two numbers of a version. */
function lineOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function linesOf(name: Neighbour): string[] {
  return NEIGHBOURS[name].map(lineOf);
}

test("The package is tested with undici 5, 6, 7 and 8", () => {
  assert.deepEqual(NEIGHBOURS.undici.map((version) => version.split(".")[0]), ["5", "6", "7", "8"]);
});

test("The package is tested with every minor version of LogTape from 1.0 to the one in the lock file", () => {
  assert.deepEqual(linesOf("@logtape/logtape"), [
    ...["1.0", "1.1", "1.2", "1.3"],
    ...["2.0", "2.1", "2.2", "2.3", "2.4"],
  ]);
  assert.equal(NEIGHBOURS["@logtape/logtape"].at(-1), pinnedVersions().get("@logtape/logtape"));
});

test("The package is tested with the OpenTelemetry SDK 2 and 3", () => {
  // sdk-node 0.2xx consists of packages of version 2, 0.3xx of those of version 3.
  assert.deepEqual(NEIGHBOURS["@opentelemetry/sdk-node"].map((version) => version.slice(0, 3)), [
    "0.2",
    "0.3",
  ]);
});

test("The package is tested with every version of TypeScript from 5.4 to 7, the compiler of this repository included", () => {
  assert.deepEqual(linesOf("typescript"), [
    ...["5.4", "5.5", "5.6", "5.7", "5.8", "5.9"],
    ...["6.0", "7.0"],
  ]);
  const ours = pinnedVersions().get("typescript") ?? "";
  assert.ok(NEIGHBOURS.typescript.some((version) => version === ours), ours);
});

test("The package is tested with each bundler and package manager that its documents name", () => {
  for (const name of ["esbuild", "rollup", "pnpm", "yarn", "@yarnpkg/cli-dist"]) {
    assert.ok(Object.hasOwn(NEIGHBOURS, name), name);
  }
});

test("The versions of Node that npm allows are those that are tested", () => {
  const [first, second, last] = OLDEST_NODES;
  assert.equal(fields.engines.node, `^${first} || ^${second} || >=${last}`);
  const major = (version: string) => version.split(".")[0];
  assert.deepEqual(NEWEST_NODES.map(major), OLDEST_NODES.map(major));
});
