/**
 * Takes the documents' screenshot of the console, in Chromium, with an emulator and agents. Run it
 * after changing the page.
 *
 * @module
 */

import { join } from "node:path";
import { startChromium } from "../tests/browser/chromium.ts";
import { playScene, startScene } from "../tests/browser/scene.ts";
import { ROOT } from "./npm/deno_config.ts";

/** The default port of `acs emulate`, since the page shows it. */
const PORT = 4570;

const FILE = join(ROOT, "docs", "console.png");

await using scene = await startScene({ port: PORT, seed: 1 });
await playScene(scene.emulator);
await using browser = await startChromium();
const page = await browser.newPage({
  viewport: { width: 1240, height: 760 },
  colorScheme: "dark",
});
await page.goto(`${scene.emulator.url}/emulator/ui/`);
await page.getByText("● live").waitFor();
await page.getByLabel("hide heartbeats").check();
await page.locator(".row:visible", { hasText: "worker:" }).click();
await page.locator("#detail").getByText(/AckRequest after/).waitFor();
// The page fetches the agents' versions once per second.
await page.locator("#agents").getByText("v2.1.0").waitFor();
await page.screenshot({ path: FILE });
