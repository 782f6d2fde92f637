/** The package's version, which two files state. */

import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { VERSION } from "../../internal/version.ts";
import { test } from "../testing/test.ts";

test("The version in internal/version.ts is the one in deno.json", () => {
  assert.equal(VERSION, config.version);
});
