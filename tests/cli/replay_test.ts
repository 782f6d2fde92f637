import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { formatTrace, parseTrace } from "../../emulator/mod.ts";
import { DEV_CONFIG, runAcs, startAcs } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** The dry-run agent as a command. */
const AGENT = [
  process.execPath,
  ..."Deno" in globalThis ? ["run", "--quiet", "--config", DEV_CONFIG, "-A"] : [],
  MAIN,
  "run",
];

const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIDRECORDER",
  AWS_SECRET_ACCESS_KEY: "planted-secret-of-the-recorder",
};

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "acs-replay-"));
  try {
    await fn(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("acs emulate --replay plays a trace of acs record, and reports differences", () =>
  withFolder(async (folder) => {
    const [script, trace] = [join(folder, "scenario.json"), join(folder, "recorded.jsonl")];
    const steps = [
      { expect: "connected", within: 20_000 },
      { do: "run-task", as: "web" },
      { expect: "ack", messageId: "$web.messageId" },
      { expect: "message", type: "IAMRoleCredentialsAckRequest", count: 2 },
    ];
    await writeFile(script, JSON.stringify({ name: "recorded", steps }));
    const play = ["emulate", "--credentials", "env", "--scenario", script, "--trace", `${trace}2`];
    const emulator = startAcs(play, KEYS);
    const [, url = ""] = await emulator.output(/export AWS_ENDPOINT_URL_ECS=(\S+)/);
    const recorder = startAcs(
      ["record", "--upstream", url, "--trace", trace, "--", ...AGENT],
      KEYS,
    );
    const played = await emulator.ended;
    recorder.signal("SIGINT");
    const recorded = await recorder.ended;

    assert.equal(played.code, 0, played.stdout);
    assert.match(recorded.stdout, / > PayloadMessage .*\n[^]* < AckRequest /);
    assert.match(
      recorded.stdout,
      /\nRecorded 1 connection, 2 messages to the agent and 4 from it, \d+ refusals? in .*jsonl\n$/,
    );
    assert.equal(recorded.code, 0, recorded.stderr);
    const text = await readFile(trace, "utf8");
    assert.doesNotMatch(text + recorded.stdout + recorded.stderr, /planted-secret/);
    assert.match(parseTrace(text, trace).header.producer, /^acs record /);

    const replay = ["emulate", "--trace", `${trace}3`, "--replay"];
    const same = await runAcs([...replay, trace, "--", ...AGENT]);
    assert.match(same.stdout, /\nPassed: \d+ steps in/);
    assert.equal(same.code, 0);

    // As if the recorded agent had refused the task.
    await writeFile(trace, text.replaceAll('"type":"AckRequest"', '"type":"NackRequest"'));
    const other = await runAcs([...replay, trace, "--timeout", "14000", "--", ...AGENT]);
    assert.match(
      other.stdout,
      /FAILED +\d+ NackRequest for the PayloadMessage .*\n +it did not happen within/,
    );
    assert.match(
      other.stdout,
      /\nFailed: step \d+ of \d+ in .* Trace: .*3\nTo view it: npx @acs\/session show .*3\n$/,
    );
    assert.equal(other.code, 1);
  }));

test("A truncated trace is not replayed: the error names the line, exit code 2", () =>
  withFolder(async (folder) => {
    const file = join(folder, "cut.jsonl");
    const header = { acsTrace: 1, producer: "test", recordedAt: new Date(0).toISOString() };
    await writeFile(file, `${JSON.stringify(header)}\n{"number":1,"at":1,"ev`);

    const { code, stdout, stderr } = await runAcs(["emulate", "--replay", file]);

    assert.match(stderr, /^error: .*cut\.jsonl:2: the trace is truncated here: column \d+: .*\n$/);
    assert.equal(stdout, "");
    assert.equal(code, 2);
  }));

test("A trace without any connection is not replayed, exit code 2", () =>
  withFolder(async (folder) => {
    const file = join(folder, "empty.jsonl");
    await writeFile(file, formatTrace([], { producer: "test", at: 0 }));

    const { code, stderr } = await runAcs(["emulate", "--replay", file]);

    assert.match(
      stderr,
      /^error: .*empty\.jsonl: no agent connected, so there is nothing to replay\n$/,
    );
    assert.equal(code, 2);
  }));
