/**
 * Tests the console in Chromium: `deno task test:browser`. Exits with code 1 if no Chromium is
 * installed.
 *
 * @module
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { findChromium } from "./chromium.ts";

const HOW_TO_INSTALL = `These tests need Chromium, but none was found. To install it:
  Debian, Ubuntu:  sudo apt-get install chromium
  Fedora:          sudo dnf install chromium
  macOS:           brew install --cask chromium
or set CHROMIUM to the path of Chromium or Chrome.
`;

const FOLDER = join(ROOT, "tests", "browser");

if (await findChromium() === undefined) {
  process.stderr.write(HOW_TO_INSTALL);
  process.exit(1);
}
// The files are not named *_test.ts, so that `deno task test` does not need a browser.
const files = (await readdir(FOLDER)).filter((name) => name.endsWith("_in_browser.ts"));
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "--config=deno.dev.json", "-A", ...files.map((name) => join(FOLDER, name))],
  cwd: ROOT,
}).spawn().status;
process.exit(code);
