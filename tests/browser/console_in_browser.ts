/** The console, in Chromium. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Locator, Page, Route } from "playwright-core";
import {
  AcsEmulator,
  type EmulatorOptions,
  parseScenario,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { startChromium } from "./chromium.ts";
import { playScene, type Scene, startScene } from "./scene.ts";
import { TaskTrace } from "./task_trace.ts";

/** Maximum time for something to appear, in ms. */
const TIMEOUT_MS = 15_000;

let browser: Browser;

Deno.test.beforeAll(async () => {
  browser = await startChromium();
});

Deno.test.afterAll(async () => {
  await browser.close();
});

/** A page, with its errors and requests. */
interface Opened {
  readonly page: Page;
  /** Uncaught errors of the page, and violations of its Content-Security-Policy. */
  readonly errors: string[];
  /** The URLs of all requests. */
  readonly urls: string[];
}

/** Opens the console of an emulator. */
async function open(
  { url }: Pick<AcsEmulator, "url">,
  options: BrowserContextOptions & { readonly path?: string } = {},
): Promise<Opened> {
  const { path = "", ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...rest });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const errors: string[] = [];
  const urls: string[] = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) errors.push(message.text());
  });
  page.on("request", (request) => urls.push(request.url()));
  await page.goto(`${url}/emulator/ui/${path}`);
  return { page, errors, urls };
}

/** The result of axe-core. */
interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** What a test has access to. */
interface Parts extends Opened {
  readonly scene: Scene;
  readonly emulator: AcsEmulator;
}

/** Registers a test with an emulator, an agent and the console. */
function test(
  title: string,
  run: (parts: Parts) => Promise<void>,
  options: EmulatorOptions = {},
): void {
  inBrowser(title, async () => {
    await using scene = await startScene(options);
    const opened = await open(scene.emulator, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await opened.page.getByText("● live").waitFor();
    await run({ ...opened, scene, emulator: scene.emulator });
    await opened.page.context().close();
    assert.deepEqual(opened.errors, []);
  });
}

function inBrowser(title: string, fn: () => Promise<void>): void {
  // The browser's pipes outlive individual tests.
  Deno.test({ name: title, fn, sanitizeOps: false, sanitizeResources: false });
}

async function clipboard(page: Page): Promise<string> {
  return await page.evaluate("navigator.clipboard.readText()");
}

/** Waits until a value is as expected. */
async function until<T>(read: () => Promise<T>, isExpected: (value: T) => boolean): Promise<T> {
  const end = performance.now() + TIMEOUT_MS;
  for (;;) {
    const value = await read();
    if (isExpected(value)) return value;
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until there are as many elements: the timeline is drawn in the next frame. */
async function expectCount(elements: Locator, count: number): Promise<void> {
  await until(() => elements.count(), (found) => found === count);
}

test("The timeline shows a message next to its answer, with the time in between", async ({ page, emulator }) => {
  const { messageId } = emulator.runTask({ task: { family: "web" } });
  await emulator.expectAck(messageId);

  const row = page.locator(".row", { hasText: "web:" });
  await row.getByText(/◀ Ack \d+ ms/).waitFor();
  await row.click();

  const detail = page.locator("#detail");
  await detail.getByText(/AckRequest after \d+ ms/).waitFor();
  await detail.getByText('"[redacted]"').first().waitFor();
  assert.equal(await detail.locator("pre").count(), 2);
});

test("A refused request is shown next to the expected one", async ({ page, emulator }) => {
  await playScene(emulator);

  await page.getByLabel("Filter").fill("event:refused");
  await page.locator(".row", { hasText: "refused upgrade" }).click();

  const row = page.locator("#detail tr", { hasText: "authorization" });
  assert.match(
    await row.innerText(),
    /\(missing\)\s+AWS4-HMAC-SHA256 Credential=<access key ID>\//,
  );
  await page.locator("#detail", { hasText: "GET /ws?agentHash=" }).waitFor();
  const agent = page.locator("#agents li", { hasText: "5ea1ed" });
  await agent.getByText("✗ refused × 1: Missing Authentication Token").waitFor();
});

test("An element of the timeline stands for the same event until it is removed", async ({ page, emulator }) => {
  for (let count = 0; count < 10; count++) emulator.callApi("ListClusters");
  emulator.callApi("CreateCluster", { clusterName: "other" });
  const row = await page.locator(".row", { hasText: "CreateCluster" }).elementHandle();
  const first = await page.locator(".row", { hasText: "ListClusters" }).first().elementHandle();
  assert.ok(row && first);

  await page.getByLabel("Filter").fill("createcluster");

  await until(() => first.isVisible(), (isVisible) => !isVisible);
  assert.ok(await row.isVisible());
  assert.match(await row.innerText(), /CreateCluster/);
  await expectCount(page.locator(".row"), 1);
});

test("A click selects the row under the pointer even if events arrive before the button is released", async ({ page, emulator }) => {
  for (let count = 0; count < 60; count++) emulator.callApi("ListClusters");
  emulator.callApi("CreateCluster", { clusterName: "other" });
  const row = page.locator(".row", { hasText: "CreateCluster" });
  await row.hover();
  await page.mouse.down();

  for (let count = 0; count < 5; count++) emulator.callApi("DescribeClusters");
  await page.getByRole("button", { name: "live ▼ 5 new" }).waitFor();
  await page.mouse.up();

  await page.locator('.row[aria-selected="true"]', { hasText: "CreateCluster" }).waitFor();
  await page.locator("#detail", { hasText: "CreateCluster" }).waitFor();
});

test("Words filter the timeline, and heartbeats can be hidden", async ({ page, emulator }) => {
  emulator.sendHeartbeat();
  const { messageId } = emulator.runTask({ task: { family: "web" } });
  await emulator.expectAck(messageId);
  const rows = () => page.locator(".row").allInnerTexts();
  await until(rows, (texts) => texts.some((text) => text.includes("Heartbeat")));

  await page.getByLabel("hide heartbeats").check();
  const withoutHeartbeats = await until(rows, (texts) => !texts.join().includes("Heartbeat"));
  await page.getByLabel("Filter").fill("type:Payload agent:c0ffee");
  const payloads = await until(rows, (texts) => texts.length === 1);
  await page.getByLabel("Filter").fill("-payload");
  const others = await until(rows, (texts) => texts.length > 1);

  assert.ok(withoutHeartbeats.length > 1);
  assert.match(payloads.join(), /Payload/);
  assert.doesNotMatch(others.join(), /Payload/);
  await page.getByText(/^\d+ rows of \d+ events$/).waitFor();
});

test("Any operation can be sent, with fields as a form or as JSON", async ({ page, emulator }) => {
  await page.getByLabel("Operation").selectOption("run-task");
  await page.getByRole("button", { name: "fields" }).click();
  await page.getByLabel("task", { exact: true }).fill('{"family": "from-the-form"}');
  assert.equal(
    await page.getByLabel("Input as JSON").inputValue(),
    '{"task":{"family":"from-the-form"}}',
  );
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/✓ run-task .*taskArn/).waitFor();
  await page.locator(".row", { hasText: "from-the-form" }).waitFor();

  await page.getByLabel("Operation").selectOption("stop-task");
  await page.getByLabel("Input as JSON").fill('{"taskArn": "arn:none"}');
  await page.getByLabel("Input as JSON").press("Enter");
  await page.getByText(/✗ stop-task: .*arn:none/).waitFor();

  await page.getByLabel("Operation").selectOption("call-api");
  await page.getByLabel("operation", { exact: true }).fill("ListClusters");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/✓ call-api .*clusterArns/).waitFor();
  assert.equal(emulator.tasks.length, 1);
});

test("A task can be run, stopped and followed in the Tasks view", async ({ page, emulator }) => {
  await page.getByRole("button", { name: "Run a task on c0ffee" }).click();
  await page.getByRole("tab", { name: /Tasks/ }).click();

  await page.getByRole("button", { name: /^stop task/ }).click();

  await page.locator("#tasks tr", { hasText: "STOPPED" }).waitFor();
  assert.equal(emulator.tasks[0]?.desiredStatus, "STOPPED");
});

test("A view that is opened while the page fetches the emulator's state is fetched next", async ({ page, emulator }) => {
  const { messageId } = emulator.runTask({ task: { family: "web" } });
  await emulator.expectAck(messageId);
  await page.locator("#agents").getByText("v1.0.0").waitFor();
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await page.route("**/emulator/pending", async (route) => {
    asked.resolve();
    await answered.promise;
    await route.continue();
  });
  emulator.callApi("ListClusters");
  await asked.promise;

  await page.getByRole("tab", { name: /Tasks/ }).click();
  const response = page.waitForResponse(/emulator\/pending/);
  answered.resolve();
  await (await response).finished();
  const answeredAt = await page.evaluate<number>("performance.now()");
  await page.locator("#tasks tr").waitFor();

  const askedAt = await page.evaluate<number>(
    "performance.getEntriesByType('resource').find(({ name }) => name.includes('tasks?')).startTime",
  );
  // The page fetches everything every 5 s anyway.
  assert.ok(askedAt - answeredAt < 3_000, `after ${askedAt - answeredAt} ms`);
});

test("Any fault can be injected, and active and waiting faults are listed and can be cleared", async ({ page, emulator }) => {
  await page.getByRole("button", { name: "fault…" }).click();
  await page.getByLabel("do", { exact: true }).selectOption("slowRead");
  await page.getByLabel("bytesPerSecond *").fill("100000");
  await page.getByRole("button", { name: "Inject" }).click();
  await page.locator("#fault-list li", { hasText: "bytesPerSecond=100000" })
    .getByText("active").waitFor();

  await page.getByLabel("at", { exact: true }).selectOption("upgrade");
  await page.getByLabel("do", { exact: true }).selectOption("refuse");
  await page.getByLabel("status").fill("503");
  await page.getByLabel("next").fill("2");
  await page.getByRole("button", { name: "Inject" }).click();
  await page.getByText("waiting, 2 left").waitFor();
  await page.locator("#fault-form").getByRole("button", { name: "as curl" }).click();
  assert.match(
    await until(() => clipboard(page), (text) => text.startsWith("curl")),
    /^curl -d '\{"fault":\{"at":"upgrade","action":"refuse","status":503\},"containerInstanceArn":".*","next":2\}' http:\/\/127\.0\.0\.1:\d+\/emulator\/inject-fault$/,
  );

  const one = page.getByRole("button", { name: "Clear connection slowRead of c0ffee #1" });
  await one.click();
  await one.waitFor({ state: "detached" });
  await page.getByText("waiting, 2 left").waitFor();
  const left = page.locator("#fault-list").getByRole("button");
  await left.click();
  await left.waitFor({ state: "detached" });
  await page.getByText("No faults are active or waiting.").waitFor();

  await page.getByRole("button", { name: "Inject" }).click();
  await page.getByText("waiting, 2 left").waitFor();
  await page.getByRole("button", { name: "clear all faults" }).click();
  await page.getByText("No faults are active or waiting.").waitFor();
  await page.getByRole("tab", { name: "Live" }).click();
  await page.locator(".row", { hasText: "fault slowRead" }).waitFor();
  assert.ok(
    emulator.transcript.some(({ event, fault }) => event === "fault" && fault === "slowRead"),
  );
});

test("A message can be resent with a new id although its secrets were redacted", async ({ page, emulator }) => {
  const { messageId } = emulator.runTask({ task: { family: "web" } });
  await emulator.expectAck(messageId);
  await page.locator(".row", { hasText: "web:" }).click();

  await page.getByRole("button", { name: "replay" }).click();

  await page.locator(".row", { hasText: "web:" }).nth(1).getByText(/◀ Ack/).waitFor();
  const payloads = emulator.transcript.filter(({ event, type }) =>
    event === "sent" && type === "PayloadMessage"
  );
  assert.equal(new Set(payloads.map((each) => each.messageId)).size, 2);
});

test("Clicks are recorded as a scenario that can be downloaded and played", async ({ page }) => {
  await page.getByRole("tab", { name: "Scenario" }).click();
  await page.getByRole("button", { name: "● record" }).click();
  await page.getByRole("button", { name: "Run a task on c0ffee" }).click();
  await page.getByText("expect ack $task.messageId within 10000 ms").waitFor();
  await page.getByRole("tab", { name: /Tasks/ }).click();
  await page.getByRole("button", { name: /^stop task/ }).click();
  await page.getByRole("tab", { name: "Scenario" }).click();
  await page.getByText("expect ack $stop.messageId within 10000 ms").waitFor();
  await page.getByRole("button", { name: "■ stop recording" }).click();

  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "download" }).click();
  const download = await downloading;
  const scenario = parseScenario(await readFile(await download.path(), "utf8"), "recorded.json");
  await page.getByRole("button", { name: "play now" }).click();

  await page.getByText("✓ All 4 steps passed").waitFor();
  assert.equal(download.suggestedFilename(), "recorded.json");
  const containerInstanceArn = SAMPLE_CONTAINER_INSTANCE_ARN;
  assert.deepEqual(scenario.steps, [
    { do: "run-task", with: { containerInstanceArn }, as: "task" },
    { expect: "ack", messageId: "$task.messageId", within: 10_000 },
    { do: "stop-task", with: { taskArn: "$task.taskArn" }, as: "stop" },
    { expect: "ack", messageId: "$stop.messageId", within: 10_000 },
  ]);
});

test("A row of the timeline can be added to the scenario", async ({ page }) => {
  await page.locator(".row", { hasText: "connected #1" }).click();

  await page.getByRole("button", { name: "as scenario step" }).click();

  await page.getByRole("tab", { name: /Scenario/ }).click();
  await page.locator("#scenario-steps li").getByText("expect connected").waitFor();
});

test("A step that fails is marked with the reason", async ({ page, emulator }) => {
  emulator.injectFault({ at: "connection", action: "stall" });
  await page.getByRole("tab", { name: "Scenario" }).click();
  await page.getByRole("button", { name: "● record" }).click();
  await page.getByLabel("Operation").selectOption("wait-for");
  await page.getByLabel("Input as JSON").fill('{"event": "telemetry", "within": 50, "after": 0}');
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/✗ wait-for: /).waitFor();
  assert.equal(await page.locator("#scenario-steps li").count(), 0, "a failed call is not a step");

  await page.getByLabel("Operation").selectOption("expect-ack");
  await page.getByLabel("Input as JSON").fill("not JSON");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("✗ The input is not a JSON object.").waitFor();
});

test("Everything can be reached with the keyboard", async ({ page, emulator }) => {
  for (let count = 0; count < 60; count++) emulator.callApi("ListClusters");
  await page.locator(".row", { hasText: "ListClusters" }).first().waitFor();

  await page.keyboard.press("/");
  await page.keyboard.type("event:apiCall");
  await page.keyboard.press("Tab");
  await page.getByRole("listbox", { name: "Timeline" }).focus();
  await page.keyboard.press("Home");
  await page.locator('.row[aria-selected="true"][aria-posinset="1"]').waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("PageDown");
  const selected = page.locator('.row[aria-selected="true"]');
  await until(() => selected.getAttribute("aria-posinset"), (place) => Number(place) > 3);
  assert.equal(
    await page.getByRole("listbox").getAttribute("aria-activedescendant"),
    await selected.getAttribute("id"),
  );
  emulator.callApi("ListClusters");
  await page.getByRole("button", { name: "live ▼ 1 new" }).waitFor();
  await page.keyboard.press("End");
  await page.locator('.row[aria-selected="true"][aria-posinset="61"]').waitFor();
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#detail").isHidden());
  await page.keyboard.press("4");
  assert.ok(await page.locator("#panel-faults").isVisible());
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("c");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(/✓ run-task/).waitFor();
});

test("The console requests only the emulator's own paths, and no URL contains the token", async ({ page, emulator, urls }) => {
  for (const tab of [/Tasks/, /Pending/, /Faults/, /Scenario/]) {
    await page.getByRole("tab", { name: tab }).click();
  }
  await page.waitForResponse(/container-instances/);

  for (const url of urls) assert.ok(url.startsWith(`${emulator.url}/emulator/`), url);
});

inBrowser(
  "The console prompts for a control token once, and never puts it into a URL",
  async () => {
    const controlToken = "long-and-unguessable";
    await using scene = await startScene({ controlToken });
    const { page, errors, urls } = await open(scene.emulator);

    await page.getByLabel("token", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("The emulator does not accept this token.").waitFor();
    await page.getByLabel("token", { exact: true }).fill(controlToken);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("● live").waitFor();
    await page.getByRole("button", { name: "Run a task on c0ffee" }).click();
    await page.locator(".row", { hasText: "Payload" }).first().waitFor();
    await page.reload();
    await page.getByText("● live").waitFor();

    assert.ok(await page.locator("#token-dialog").isHidden());
    assert.ok(!urls.join().includes(controlToken));
    const kept = await page.evaluate(
      "JSON.stringify([{ ...localStorage }, document.cookie, document.documentElement.outerHTML])",
    );
    assert.ok(!String(kept).includes(controlToken));
    await page.context().close();
    assert.deepEqual(errors, []);
  },
);

inBrowser(
  "The console reports that the emulator has stopped, and follows the next one on its port",
  async () => {
    const scene = await startScene();
    const port = Number(new URL(scene.emulator.url).port);
    const { page, errors } = await open(scene.emulator);
    await page.locator(".row", { hasText: "connected #1" }).waitFor();

    await scene[Symbol.asyncDispose]();
    await page.getByText("○ The emulator does not respond.").waitFor();
    await using next = await AcsEmulator.listen({ port });
    next.callApi("CreateCluster", { clusterName: "after-the-restart" });

    await page.getByText("● live").waitFor();
    await page.locator(".row", { hasText: "CreateCluster" }).waitFor();
    await expectCount(page.locator(".row", { hasText: "connected #1" }), 0);
    await page.context().close();
    assert.deepEqual(errors, []);
  },
);

inBrowser(
  "The events of a second trace replace those of the first, even if their numbers are the same",
  async () => {
    await using scene = await startScene();
    const { page, errors } = await open(scene.emulator);

    for (const reason of ["the first trace", "the second trace"]) {
      await chooseTrace(page, problems(reason, 1));
      await page.locator(".row", { hasText: reason }).waitFor();
    }

    await expectCount(page.locator(".row"), 1);
    await page.context().close();
    assert.deepEqual(errors, []);
  },
);

/** Chooses a file with the text of a trace. */
async function chooseTrace(page: Page, text: string): Promise<void> {
  await page.locator("#trace-file").setInputFiles({
    name: "trace.jsonl",
    mimeType: "text/plain",
    buffer: Buffer.from(text),
  });
}

/** The text of a trace with problems. */
function problems(reason: string, count: number): string {
  return traceOf(
    Array.from({ length: count }, (_, at) => ({ number: at + 1, at, event: "problem", reason })),
  );
}

inBrowser("A trace that is opened while a large one is read replaces it", async () => {
  await using scene = await startScene();
  const { page, errors } = await open(scene.emulator);

  await chooseTrace(page, problems("the large trace", 100_000));
  await page.locator(".row", { hasText: "the large trace" }).first().waitFor();
  await chooseTrace(page, problems("the small trace", 3));
  await page.getByText("3 events", { exact: true }).waitFor();

  // The reading of the large one has had time to continue.
  for (let round = 0; round < 20; round++) {
    await page.evaluate("new Promise(requestAnimationFrame)");
  }
  await expectCount(page.locator(".row", { hasText: "the small trace" }), 3);
  await expectCount(page.locator(".row"), 3);
  await page.context().close();
  assert.deepEqual(errors, []);
});

inBrowser(
  "A trace that is opened while the page fetches data does not show that data",
  async () => {
    await using scene = await startScene();
    const { emulator } = scene;
    const { page, errors } = await open(emulator);
    await emulator.expectAck(emulator.runTask().messageId);
    const count = page.locator("#tab-tasks b");
    await page.locator("#tab-tasks", { hasText: "1" }).waitFor();
    const fetched = Promise.withResolvers<Route>();
    await page.route("**/emulator/state", (route) => fetched.resolve(route));
    // One event, so that nothing has to be fetched afterwards.
    emulator.callApi("CreateCluster", { clusterName: "other" });
    const route = await fetched.promise;

    await chooseTrace(page, problems("the trace", 1));
    await page.locator(".row", { hasText: "the trace" }).waitFor();
    const responded = page.waitForResponse("**/emulator/state");
    await route.continue();
    await (await responded).finished();
    await page.evaluate("new Promise(requestAnimationFrame)");

    assert.equal(await count.textContent(), "");
    await page.context().close();
    assert.deepEqual(errors, []);
  },
);

inBrowser("A browser that was offline receives the events that it missed", async () => {
  await using scene = await startScene();
  const { page, errors } = await open(scene.emulator);
  await page.locator(".row", { hasText: "connected #1" }).waitFor();

  await page.context().setOffline(true);
  scene.emulator.callApi("CreateCluster", { clusterName: "missed" });
  await page.context().setOffline(false);

  await page.locator(".row", { hasText: "CreateCluster" }).waitFor();
  await expectCount(page.locator(".row", { hasText: "connected #1" }), 1);
  await page.context().close();
  assert.deepEqual(errors, []);
});

/** The text of a trace, optionally with a damaged last line. */
function traceOf(entries: readonly object[], last = ""): string {
  const header = {
    acsTrace: 1,
    producer: "test",
    recordedAt: "2026-11-28T09:00:00Z",
    scenario: "ci",
  };
  return [header, ...entries].map((line) => JSON.stringify(line)).join("\n") + `\n${last}`;
}

inBrowser(
  "The page shows a trace that is served with the page or dropped on it",
  async () => {
    await using scene = await startScene();
    const { emulator } = scene;
    await emulator.expectAck(emulator.runTask({ task: { family: "web" } }).messageId);
    const { page, errors } = await open(emulator);
    await page.route(
      "**/emulator/ui/trace",
      (route) => route.fulfill({ body: traceOf(emulator.transcript) }),
    );

    await page.goto(`${emulator.url}/emulator/ui/?trace`);
    await page.locator(".row", { hasText: "web:" }).getByText(/◀ Ack/).click();
    await page.getByText("ci · test · 2026-11-28T09:00:00Z").waitFor();
    assert.ok(await page.locator("footer").isHidden());
    assert.ok(await page.getByRole("button", { name: "replay" }).isHidden());

    const [first] = emulator.transcript;
    assert.ok(first);
    const text = traceOf([first], '{"number": 2, "at": 17');
    await page.evaluate(`{
    const transfer = new DataTransfer();
    transfer.items.add(new File([${JSON.stringify(text)}], "cut.jsonl"));
    dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
  }`);
    await page.getByText(
      "cut.jsonl: Line 3 is not JSON: the file is truncated or was edited there.",
    )
      .waitFor();
    await expectCount(page.locator(".row"), 1);

    const edited = traceOf([first, { ...first, number: first.number + 1, event: "conected" }]);
    await page.locator("#trace-file").setInputFiles({
      name: "edited.jsonl",
      mimeType: "text/plain",
      buffer: Buffer.from(edited),
    });
    await page.getByText("edited.jsonl: Line 3: event: unknown value conected.").waitFor();

    const wrong = traceOf([first, {
      number: first.number + 1,
      at: 1,
      event: "problem",
      reason: 5,
    }]);
    await chooseTrace(page, wrong);
    await page.getByText("trace.jsonl: Line 3 is not an entry.").waitFor();
    await expectCount(page.locator(".row"), 1);

    const gap = traceOf([first, { ...first, number: first.number + 2 }]);
    await page.locator("#trace-file").setInputFiles({
      name: "gap.jsonl",
      mimeType: "text/plain",
      buffer: Buffer.from(gap),
    });
    await page.getByText(`gap.jsonl: Line 3: entry ${first.number + 1} is missing.`).waitFor();
    await expectCount(page.locator(".row"), 1);
    await page.context().close();
    assert.deepEqual(errors, []);
  },
);

test("If not all agents are listed, the page says how many are missing", async ({ page, emulator }) => {
  for (let number = 0; number < 70; number++) {
    const containerInstanceArn = SAMPLE_CONTAINER_INSTANCE_ARN.replace(
      /.{6}$/,
      `${100_000 + number}`,
    );
    emulator.registerContainerInstance(containerInstanceArn);
  }
  emulator.sendHeartbeat();

  await page.getByText("… and 70 that were active earlier").waitFor();
});

inBrowser("The page says how much of a large trace it shows", async () => {
  await using scene = await startScene();
  const { page, errors } = await open(scene.emulator);

  await chooseTrace(page, problems("one of many", 10_600));
  await page.getByText("Only the newest 10100 of 10600 events are shown.").waitFor();

  await page.context().close();
  assert.deepEqual(errors, []);
});

test("A file that is not a trace is refused, and the page still follows the emulator", async ({ page, emulator }) => {
  await chooseTrace(page, "\u001f\u008b compressed");
  await page.getByText("trace.jsonl: This is not a trace").waitFor();

  emulator.runTask({ task: { family: "afterwards" } });
  await page.locator(".row", { hasText: "afterwards" }).waitFor();
  assert.equal(await page.locator("#follow").getAttribute("aria-pressed"), "true");
});

test("A task with a long name does not push the other columns out of view", async ({ page, emulator }) => {
  emulator.runTask({ task: { family: "w".repeat(5_000) } });
  await page.getByRole("tab", { name: "Tasks" }).click();

  const button = page.getByRole("button", { name: "rotate credentials of task" });
  await button.waitFor();
  const { x = Infinity, width = 0 } = await button.boundingBox() ?? {};
  assert.ok(x + width < 1_280, `${x} px`);
});

inBrowser("The page fits into a narrow window, and all its tabs can be reached", async () => {
  await using scene = await startScene();
  const { page } = await open(scene.emulator, { viewport: { width: 320, height: 640 } });
  await page.getByText("● live").waitFor();

  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 320);
  await page.getByRole("tab", { name: "Live" }).press("ArrowLeft");
  await page.getByRole("tab", { name: "Scenario", selected: true }).click();
  await page.context().close();
});

inBrowser("If the trace in the URL does not exist, the page follows the emulator", async () => {
  await using scene = await startScene();
  const { page } = await open(scene.emulator, { path: "?trace" });

  await page.getByText("● live").waitFor();

  await page.context().close();
});

for (const colorScheme of ["light", "dark"] as const) {
  inBrowser(`axe-core finds no serious problem in any view, ${colorScheme}`, async () => {
    await using scene = await startScene();
    await playScene(scene.emulator);
    const { page } = await open(scene.emulator, { colorScheme });
    const check = async (what: string) => {
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<AxeResults>("axe.run()");
      const serious = violations.filter(({ impact }) =>
        impact === "serious" || impact === "critical"
      )
        .map(({ id, nodes }) => `${what}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`);
      assert.deepEqual(serious, []);
    };
    await page.locator(".row", { hasText: "refused upgrade" }).click();
    await check("a refused request");
    await page.getByLabel("Filter").fill("type:payload");
    await page.locator(".row", { hasText: "job:" }).click();
    await page.getByRole("button", { name: "fields" }).click();
    await check("a message");
    for (const tab of [/Tasks/, /Pending/, /Faults/, /Scenario/]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.waitForResponse(/pending/);
      await check(String(tab));
    }
    await page.getByRole("button", { name: "keys" }).click();
    await check("the keys");
    await page.context().close();
  });
}

inBrowser(
  "With 10,000 events and 50 new ones per second, no task of the page takes 50 ms",
  async () => {
    await using scene = await startScene();
    const { emulator } = scene;
    const happen = () => emulator.callApi("ListClusters");
    for (let count = 0; count < 5_000; count++) happen();
    for (let count = 0; count < 2_500; count++) emulator.sendError({ message: `error ${count}` });
    for (let count = 0; count < 2_500; count++) happen();
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.addInitScript(`
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration, startTime } of list.getEntries()) longTasks.push({ duration, startTime });
    }).observe({ type: "longtask", buffered: true });
  `);
    const page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    const trace = await TaskTrace.start(page);
    await page.goto(`${emulator.url}/emulator/ui/`);
    await page.getByText("10000 events").waitFor();
    // The agent connected before the oldest event that the page has.
    await page.locator("#agents li.connected", { hasText: "c0ffee" }).getByText(/#\d/).waitFor();

    const timer = setInterval(happen, 20);
    try {
      await page.waitForTimeout(2_000);
      await page.getByLabel("Filter").pressSequentially("error 1", { delay: 50 });
      await page.waitForTimeout(500);
      await page.getByLabel("Filter").fill("");
      await page.getByRole("listbox").focus();
      await page.keyboard.press("Home");
      for (let count = 0; count < 10; count++) await page.keyboard.press("PageDown");
      await page.mouse.move(700, 300);
      for (let count = 0; count < 10; count++) await page.mouse.wheel(0, 3_000);
      await page.keyboard.press("End");
      await page.waitForTimeout(2_000);
    } finally {
      clearInterval(timer);
    }

    const longTasks = await page.evaluate<{ duration: number }[]>("longTasks");
    const longestMs = await trace.longestTaskMs(emulator.url);
    // On a busy machine, the browser also counts the time in which a task waits for a processor.
    if (longestMs >= 50) assert.deepEqual(longTasks, [], `${longestMs} ms of processor time`);
    assert.ok(longestMs > 0, "the trace has tasks");
    const elements = await page.evaluate<number>("document.querySelectorAll('*').length");
    assert.ok(elements < 1_500, `${elements} elements`);
    await context.close();
  },
);
