/** The package's version is defined in two files. */

import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { VERSION } from "../../internal/version.ts";
import { test } from "../testing/test.ts";

test("The versions in internal/version.ts and deno.json are the same", () => {
  assert.equal(VERSION, config.version);
});
