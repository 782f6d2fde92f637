import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AcsEmulator, formatTrace, parseTrace, TraceError } from "../../emulator/mod.ts";
import { withPlaceholders } from "../../protocol/placeholders.ts";
import {
  assertNoSecretIn,
  credentialsWithSecrets,
  MESSAGE_SECRETS,
  payloadWithSecrets,
} from "../testing/hostile/planted_secrets.ts";
import { test } from "../testing/test.ts";
import { TestAgent } from "./test_agent.ts";

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "acs-trace-"));
  try {
    await fn(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Records a trace in which an agent connects, acknowledges a task and is disconnected, and returns
 * its text.
 */
async function recordedTrace(): Promise<string> {
  let text = "";
  await withFolder(async (folder) => {
    const file = join(folder, "trace.jsonl");
    const emulator = await AcsEmulator.listen({
      heartbeatIntervalMs: 0,
      trace: { file, producer: "a test", scenario: "one task" },
    });
    const agent = await TestAgent.connect(emulator);
    const { acked } = emulator.runTask();
    const [payload] = await agent.waitForFrames(1);
    assert.ok(payload);
    agent.ack(payload);
    await acked;
    emulator.sendRaw('{"type":"MessageFromTheFuture","message":{"text":"planted"}}');
    const disconnected = emulator.waitFor("disconnected");
    emulator.injectFault({ at: "connection", action: "close", code: 1011, reason: "Goodbye" });
    await disconnected;
    await emulator.close();
    text = await readFile(file, "utf8");
  });
  return text;
}

/** The problems of a trace, one line each. */
function problemsOf(text: string): string {
  try {
    parseTrace(text, "t.jsonl");
  } catch (error) {
    assert.ok(error instanceof TraceError, String(error));
    return error.message;
  }
  return "";
}

test("A trace contains every event of the transcript, in order, as soon as it happens", async () => {
  const { header, entries } = parseTrace(await recordedTrace(), "t.jsonl");

  assert.equal(header.acsTrace, 1);
  assert.equal(header.producer, "a test");
  assert.equal(header.scenario, "one task");
  assert.equal(header.region, "us-west-2");
  assert.ok(Math.abs(Date.parse(header.recordedAt) - Date.now()) < 60_000);
  assert.deepEqual(entries.map(({ number, event, type }) => [number, event, type]), [
    [1, "connected", undefined],
    [2, "sent", "PayloadMessage"],
    [3, "received", "AckRequest"],
    [4, "sent", "MessageFromTheFuture"],
    [5, "fault", undefined],
    [6, "disconnected", undefined],
  ]);
  assert.deepEqual(entries[3]?.raw, "text");
  assert.deepEqual(entries[3]?.message, { text: "xxxxxxx" });
  assert.deepEqual(entries[4]?.injected, {
    at: "connection",
    action: "close",
    code: 1011,
    reason: "Goodbye",
  });
  const { serviceEnd, serviceCloseCode, serviceCloseReason } = entries[5] ?? {};
  assert.deepEqual([serviceEnd, serviceCloseCode, serviceCloseReason], ["close", 1011, "Goodbye"]);
});

test("A trace that is read and written again is the same", async () => {
  const text = await recordedTrace();
  const { header, entries } = parseTrace(text, "t.jsonl");
  const { acsTrace: _, recordedAt, ...origin } = header;

  assert.equal(formatTrace(entries, { ...origin, at: Date.parse(recordedAt) }), text);
});

test("A trace has placeholders of the same length for secrets, and keeps everything else", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "trace.jsonl");
    const emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, trace: { file } });
    const agent = await TestAgent.connect(emulator);
    emulator.sendRaw(JSON.stringify({ type: "PayloadMessage", message: payloadWithSecrets() }));
    emulator.sendRaw(
      JSON.stringify({ type: "IAMRoleCredentialsMessage", message: credentialsWithSecrets() }),
    );
    emulator.sendRaw(MESSAGE_SECRETS.environment);
    await agent.waitForTexts(3);
    await emulator.close();
    const text = await readFile(file, "utf8");

    assertNoSecretIn(text);
    const [, payload] = parseTrace(text, file).entries;
    const printed = JSON.stringify(payload?.message);
    const { roleKey, dockerEnvironment } = MESSAGE_SECRETS;
    for (
      const kept of [
        `"secretAccessKey":"${"x".repeat(roleKey.length)}"`,
        `TOKEN=${"x".repeat(dockerEnvironment.length)}`,
        '"DATABASE_PASSWORD":"xxxx',
        '"command":["serve","--password=xxxxxxx',
        '"family":"web"',
        '"credentialsId":"role"',
      ]
    ) assert.ok(printed.includes(kept), `${kept} is missing in ${printed}`);
  });
});

test("A command keeps its arguments, except for those that look like passwords", () => {
  const command = [
    "sh",
    "-c",
    "DB_PASSWORD='abc def' curl https://me:secret@example.com/ --token abcd; exit 3",
    "--api-key",
    "abcdef",
    "--verbose",
  ];
  assert.deepEqual(withPlaceholders({ tasks: [{ containers: [{ command }] }] }), {
    tasks: [{
      containers: [{
        command: [
          "sh",
          "-c",
          "DB_PASSWORD='xxx def' curl https://xxxxxxxxx@example.com/ --token xxxxx exit 3",
          "--api-key",
          "xxxxxx",
          "--verbose",
        ],
      }],
    }],
  });
});

test("The token after an authentication scheme, JSON in any field, and logins in URLs are hidden", () => {
  const command = ["curl", "-H", "Authorization: Bearer abcdef", "https://host/?api_key=abc"];
  const tasks = [{
    executionRoleCredentials: '{"secretAccessKey":"abcdef"}',
    containers: [{ command, image: "https://me:pw@registry/app" }],
  }];

  assert.deepEqual(withPlaceholders({ tasks }), {
    tasks: [{
      executionRoleCredentials: '{"secretAccessKey":"xxxxxx"}',
      containers: [{
        command: ["curl", "-H", "Authorization: Bearer xxxxxx", "https://host/?api_key=xxx"],
        image: "https://xxxxx@registry/app",
      }],
    }],
  });
});

test("A NackRequest does not bring secrets of the refused message into a trace or the transcript", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "trace.jsonl");
    const emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, trace: { file } });
    const agent = await TestAgent.connect(emulator);
    const password = "planted-password";
    const { acked } = emulator.sendPayload({
      tasks: [{ containers: [{ environment: { DB_PASSWORD: password } }] }],
    });
    const [payload] = await agent.waitForFrames(1);
    assert.ok(payload);
    const { messageId, clusterArn, containerInstanceArn } = payload.message;
    const reason = `no ${password}, ASIAABCDEFGHIJKLMNOP, https://me:pw@host`;
    const nack = { messageId, cluster: clusterArn, containerInstance: containerInstanceArn };
    agent.send("NackRequest", { ...nack, reason });
    await assert.rejects(acked, /no x{16}/);
    // Once more, when the message no longer waits; and in a form that cannot be replaced.
    agent.send("NackRequest", { ...nack, reason: `cannot use ${btoa(`"${password}"`)}` });
    await emulator.waitFor("received", {
      where: ({ message }) => JSON.stringify(message).includes("cannot"),
    });
    const entries = emulator.transcript;
    await emulator.close();

    for (const list of [entries, parseTrace(await readFile(file, "utf8"), file).entries]) {
      const nacks = list.filter(({ type }) => type === "NackRequest").map(({ message }) => message);
      assert.deepEqual(nacks, [
        { ...nack, reason: `no ${"x".repeat(16)}, ${"x".repeat(20)}, https://xxxxx@host` },
        { ...nack, reason: "cannot use [redacted]" },
      ]);
    }
  });
});

test("The error for a truncated trace says where it ends", async () => {
  const text = await recordedTrace();
  const lines = text.trimEnd().split("\n");
  const cut = text.slice(0, -20);

  assert.match(
    problemsOf(cut),
    new RegExp(`^t\\.jsonl:${lines.length}: the trace is truncated here: column \\d+: .*$`),
  );
});

test("A trace of another version, and a file that is not a trace, are refused in the first line", () => {
  assert.equal(
    problemsOf('{"acsTrace":2,"from":"later"}\n'),
    "t.jsonl:1: the trace has version 2; this program reads version 1: use the version of " +
      "@acs/session that wrote it",
  );
  for (const other of ["", "hello\n", "[]\n", '{"steps":[]}\n', "\x00\xff"]) {
    assert.match(problemsOf(other), /^t\.jsonl:1: not a trace: the first line has to be a header/);
  }
});

test("The error for an edited trace names the line and the problem", async () => {
  const lines = (await recordedTrace()).trimEnd().split("\n");
  const edited = (index: number, from: string | RegExp, to: string) =>
    lines.map((line, each) => each === index ? line.replace(from, to) : line).join("\n") + "\n";

  for (
    const [text, problem] of [
      [edited(2, '"event"', '"evnt"'), /^t\.jsonl:3: .*event/],
      [
        edited(3, '"received"', '"recieved"'),
        /^t\.jsonl:4: event: unknown value; did you mean "received"\?$/,
      ],
      [edited(3, '"at":', '"at":"soon","x":'), /^t\.jsonl:4: .*at: expected number, got string/],
      [edited(3, ":", ""), /^t\.jsonl:4: not JSON: column \d+: /],
      [edited(6, '"close"', '"shut"'), /^t\.jsonl:7: .*/],
      [edited(0, /"producer":"[^"]*"/, '"producer":7'), /^t\.jsonl:1: producer: expected string/],
      [
        lines.filter((_, index) => index !== 3).join("\n"),
        /^t\.jsonl:4: number: expected 3, got 4: lines are missing or out of order$/,
      ],
      [`${lines.join("\n\n")}\n`, /^t\.jsonl:2: the line is empty: expected an entry/],
    ] as const
  ) assert.match(problemsOf(text), problem);
});

test("A trace overwrites an older trace, but no other file", async () => {
  await withFolder(async (folder) => {
    const older = join(folder, "older.jsonl");
    await writeFile(older, formatTrace([], { producer: "older", at: 0 }));
    const other = join(folder, "agent.py");
    await writeFile(other, "print()\n");

    await (await AcsEmulator.listen({ trace: { file: older } })).close();

    assert.match(await readFile(older, "utf8"), /^\{"acsTrace":1,"producer":"AcsEmulator /);
    await assert.rejects(AcsEmulator.listen({ trace: { file: other } }), {
      name: "TraceFileError",
      message:
        `The trace ${other} cannot be written: a file that is not a trace already exists there`,
    });
    assert.equal(await readFile(other, "utf8"), "print()\n");
    await assert.rejects(
      AcsEmulator.listen({ trace: { file: join(folder, "missing", "t.jsonl") } }),
      { name: "TraceFileError" },
    );
  });
});
