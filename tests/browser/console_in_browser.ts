/** The console, in Chromium. */

import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { startChromium } from "./chromium.ts";
import { type Scene, startScene } from "./scene.ts";

/** Maximum time for something to appear, in ms. */
const TIMEOUT_MS = 10_000;

let browser: Browser;

Deno.test.beforeAll(async () => {
  browser = await startChromium();
});

Deno.test.afterAll(async () => {
  await browser.close();
});

/** Opens the console of a scene; errors of the page fail the test. */
async function open(
  { emulator }: Pick<Scene, "emulator">,
  path = "",
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  await page.goto(`${emulator.url}/emulator/ui/${path}`);
  return { page, errors };
}

/** A test with a scene and its console. */
function test(
  title: string,
  run: (parts: { page: Page; scene: Scene }) => Promise<void>,
): void {
  Deno.test({
    name: title,
    // The browser's pipes outlive a test.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using scene = await startScene();
      const { page, errors } = await open(scene);
      await page.getByText("● live").waitFor();
      await run({ page, scene });
      await page.context().close();
      assert.deepEqual(errors, []);
    },
  });
}

test("The timeline shows a message beside its answer, with the time in between", async ({ page, scene }) => {
  const { messageId } = scene.emulator.runTask({ task: { family: "web" } });
  await scene.emulator.expectAck(messageId);

  const row = page.locator(".row", { hasText: "web:" });
  await row.getByText(/◀ Ack \d+ ms/).waitFor();
  await row.click();

  const detail = page.locator("#detail");
  await detail.getByText(/AckRequest after \d+ ms/).waitFor();
  await detail.getByText('"[redacted]"').first().waitFor();
  assert.equal(await detail.locator("pre").count(), 2);
});
