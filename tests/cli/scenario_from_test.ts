import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatTrace, parseScenario } from "../../emulator/mod.ts";
import { runAcs } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

/** Runs `acs scenario from` on a file with this text. */
async function scenarioFrom(name: string, text: string, ...flags: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "acs-from-"));
  try {
    const file = join(folder, name);
    await writeFile(file, text);
    return { file, ...await runAcs(["scenario", "from", file, ...flags]) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("acs scenario from prints a playable scenario for a trace", async () => {
  const arn = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/1";
  const connection = { connectionId: 1, containerInstanceArn: arn };
  const text = formatTrace([
    { number: 1, at: 1, event: "connected", ...connection, sendCredentials: true },
    { number: 2, at: 9, event: "sent", ...connection, raw: "text", bytes: 3, messageId: "" },
  ], { producer: "a test", scenario: "recorded", at: 0 });

  const { code, stdout, stderr } = await scenarioFrom("trace.jsonl", text);

  const { name, steps, description } = parseScenario(stdout, "made.json");
  assert.equal(name, "recorded");
  assert.match(description ?? "", /^Made from a trace of a test, 1970-01-01T00:00:00\.000Z\.$/);
  assert.deepEqual(steps.slice(0, 2).map((step) => "do" in step ? step.do : Object.keys(step)[0]), [
    "expect",
    "send-raw",
  ]);
  assert.deepEqual([code, stderr], [0, ""]);
});

test("acs scenario from reports what it leaves out of a real agent's log", async () => {
  const text = `
pasted by someone
level=info time=2025-09-13T05:58:04Z msg="Connected to ACS endpoint"
level=debug time=2025-09-13T05:58:05Z msg="Received message of type: PerformUpdateMessage"
level=warn time=2025-09-13T05:58:06Z msg="ACS WebSocket connection closed" error="EOF"
`;
  const { file, code, stdout, stderr } = await scenarioFrom("agent.log", text, "--name", "EOF");

  assert.equal(parseScenario(stdout, "made.json").name, "EOF");
  assert.equal(
    stderr,
    `note: ${file}, line 4: the contents of a PerformUpdateMessage are not in the log\n`,
  );
  assert.equal(code, 0);
});

test("acs scenario from reports any other file in one line, exit code 2", async () => {
  const other = await scenarioFrom("notes.txt", "hello\n");
  assert.match(
    other.stderr,
    /^error: .*notes\.txt is neither a trace nor a log of amazon-ecs-agent/,
  );
  assert.deepEqual([other.code, other.stdout], [2, ""]);

  const cut = await scenarioFrom("cut.jsonl", '{"acsTrace":1,"producer":"x"');
  assert.match(cut.stderr, /^error: .*cut\.jsonl:1: not a trace/);
  assert.equal(cut.code, 2);

  const missing = await runAcs(["scenario", "from", "/no/such/file"]);
  assert.match(missing.stderr, /^error: cannot read \/no\/such\/file: .*\n$/);
  assert.equal(missing.code, 2);
});
