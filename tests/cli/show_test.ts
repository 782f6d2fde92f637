import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatTrace } from "../../emulator/mod.ts";
import { runAcs, startAcs } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

const ARN = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/c0ffee";

const TRACE = formatTrace([
  { number: 1, at: 0, event: "connected", connectionId: 1, containerInstanceArn: ARN },
  {
    number: 2,
    at: 5,
    event: "sent",
    connectionId: 1,
    containerInstanceArn: ARN,
    type: "PayloadMessage",
    messageId: "m-1",
    message: { tasks: [] },
  },
  {
    number: 3,
    at: 9,
    event: "disconnected",
    connectionId: 1,
    containerInstanceArn: ARN,
    closeCode: 1006,
    serviceEnd: "reset",
  },
], { producer: "a test", at: 0 });

async function withFile(text: string, fn: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "acs-show-"));
  try {
    const file = join(folder, "trace.jsonl");
    await writeFile(file, text);
    await fn(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("acs show serves the console's page and the trace, but not to pages of other origins", () =>
  withFile(TRACE, async (file) => {
    const show = startAcs(["show", file]);
    const [, page = ""] = await show.output(
      /3 events, by a test.*\n\n {2}(http:\S+\/ui\/\?trace)\n/,
    );
    const read = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(new URL(path, page), { headers, redirect: "manual" });
      return { status: response.status, headers: response.headers, text: await response.text() };
    };

    const html = await read("");
    const trace = await read("trace");
    const foreign = await read("trace", { origin: "https://page.example" });
    const root = await read("/");
    const other = await read("/emulator/state");
    show.signal("SIGINT");
    const { code } = await show.ended;

    assert.equal(html.status, 200);
    assert.match(html.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.match(html.text, /<!doctype html>/i);
    assert.deepEqual([trace.status, trace.text], [200, TRACE]);
    assert.equal(foreign.status, 403);
    assert.deepEqual([root.status, root.headers.get("location")], [302, "/emulator/ui/?trace"]);
    assert.equal(other.status, 404);
    assert.equal(code, 0);
  }));

test("acs show --text prints a trace as a timeline", () =>
  withFile(TRACE, async (file) => {
    const { code, stdout } = await runAcs(["show", file, "--text"]);

    const [head, , connected, sent, gone] = stdout.split("\n");
    assert.equal(head, `${file}: 3 events, by a test, 1970-01-01T00:00:00.000Z`);
    assert.match(connected ?? "", /c0ffee +connected +connection 1/);
    assert.match(sent ?? "", /c0ffee +> +PayloadMessage +m-1/);
    assert.match(gone ?? "", /c0ffee +disconnected +reset by the service/);
    assert.equal(code, 0);
  }));

test("acs show names the invalid line of a trace, and shows the events before it", () =>
  withFile(TRACE.replace('"event":"sent"', '"event":"snet"'), async (file) => {
    const { code, stdout, stderr } = await runAcs(["show", file, "--text"]);

    assert.match(stderr, /^.*trace\.jsonl:3: event: .*"sent".*\nOnly the events before that/);
    assert.match(stdout, /: 1 event, by a test,.*\n\n.*connected +connection 1\n$/);
    assert.equal(code, 1);

    const show = startAcs(["show", file]);
    const [, page = ""] = await show.output(
      /1 event, by a test.*\n\n {2}(http:\S+\/ui\/\?trace)\n/,
    );
    const trace = await (await fetch(new URL("trace", page))).text();
    show.signal("SIGINT");
    await show.ended;
    assert.equal(trace, TRACE.split("\n").slice(0, 2).join("\n") + "\n");
  }));

for (
  const [what, text, problem] of [
    ["whose first event is invalid", TRACE.replace('"number":1', '"number":"one"'), /:2: number: /],
    ["of another version", TRACE.replace('"acsTrace":1', '"acsTrace":2'), /:1: .* version 2; /],
  ] as const
) {
  test(`acs show names the invalid line of a trace ${what}, exit code 2`, () =>
    withFile(text, async (file) => {
      const { code, stdout, stderr } = await runAcs(["show", file]);

      assert.match(stderr, /^error: .*trace\.jsonl:/);
      assert.match(stderr, problem);
      assert.equal(stdout, "");
      assert.equal(code, 2);
    }));
}
