/**
 * Whatever text a peer, a handler or a runtime supplies, the log, the events and the output of
 * `acs` are lines of printable characters.
 */

import assert from "node:assert/strict";
import {
  ansiColorFormatter,
  defaultTextFormatter,
  getTextFormatter,
  type LogRecord,
} from "@logtape/logtape";
import { formatJson } from "../../../cli/reported_event.ts";
import { reportSession } from "../../../cli/session_report.ts";
import { PIPE_AND_TERMINAL } from "../../testing/fakes/timelines.ts";
import { AcsError } from "../../../errors.ts";
import { SERVICE_EXCEPTION_NAMES } from "../../../protocol/exceptions.ts";
import { UpgradeRefusedError } from "../../../wsclient/upgrade_refused_error.ts";
import { RECEIVED_MESSAGE_TYPES } from "../../../protocol/message_types.ts";
import { withCapturedLog } from "../../testing/fakes/captured_log.ts";
import { turns, until } from "../../testing/fakes/fake_time.ts";
import { type SessionStage, withSession } from "../../testing/fakes/session_stage.ts";
import { test } from "../../testing/test.ts";
import { assertPrintable, UNPRINTABLE } from "../../testing/hostile/unprintable.ts";
import { VALID_MESSAGES } from "../../testing/hostile/hostile_frames.ts";

const PLAIN = getTextFormatter({ value: String });

/** Everything printed, logged and reported while a session runs. */
async function withEverythingPrinted(
  options: Parameters<typeof withSession>[0],
  fn: (stage: SessionStage) => Promise<void>,
): Promise<string[]> {
  const printed: string[] = [];
  await withCapturedLog((log) =>
    withSession(options, async (stage) => {
      reportSession(stage.session, (event) => {
        printed.push(
          formatJson(event),
          ...PIPE_AND_TERMINAL.map((timeline) => timeline.format(event)).flatMap((text) =>
            text.split("\n")
          ),
        );
      });
      await fn(stage);
      await stage.stop(new Error(`enough${UNPRINTABLE}`));
      for (const record of log.records) assertLogPrintable(record);
      for (const [type, detail] of stage.events) assertEventPrintable(type, detail);
      for (const problem of stage.session.health().problems) assertPrintable(problem, "health");
    })
  );
  for (const line of printed) assertPrintable(line, "what acs prints");
  return printed;
}

function assertLogPrintable(record: LogRecord): void {
  assertPrintable(PLAIN(record).trimEnd(), "a line of the log");
  assertPrintable(defaultTextFormatter(record).trimEnd(), "a line of the log");
  // The colors are the formatter's own.
  const colors = new RegExp(`${"\u001b"}\\[\\d*m`, "g");
  assertPrintable(
    ansiColorFormatter(record).trimEnd().replace(colors, ""),
    "a colored line of the log",
  );
  for (const value of Object.values(record.properties)) {
    if (typeof value === "string") assertPrintable(value, "a property of the log");
  }
}

/**
 * Programs get ids as they arrived, and the errors from a custom transport unchanged; every other
 * text is made printable.
 */
function assertEventPrintable(type: string, detail: unknown): void {
  for (const [name, value] of Object.entries(Object(detail))) {
    if (typeof value === "string" && name !== "messageId") {
      assertPrintable(value, `${type}.${name}`);
    }
    if (value instanceof AcsError) assertPrintable(value.message, `the error of ${type}`);
    if (value instanceof AcsError) assertPrintable(value.name, `the name of the error of ${type}`);
  }
}

/** Response headers cannot contain all of them. */
const LATIN1 = "\u0085\u009b31m\u00ad";

test("An answer from ECS is printed, logged and reported without control characters", async () => {
  const bad = UNPRINTABLE;
  const printed = await withEverythingPrinted({}, async (stage) => {
    stage.ecs.answers = [
      () =>
        Response.json({ __type: `ns#Evil${bad}Exception`, message: `no${bad}` }, { status: 400 }),
      () => new Response(`<h1>${bad}</h1>`, { status: 403 }),
      () => new Response("", { status: 400, headers: { "x-amzn-errortype": `Evil${LATIN1}` } }),
      () => Response.json({ endpoint: `evil${bad}` }),
      () => Response.json({ endpoint: `evil-scheme://host/${bad}` }),
      () => Response.json({ endpoint: `https://acs${bad}.example/` }),
      () => {
        throw Object.assign(new Error(`fetch${bad}`, { cause: new Error(bad) }), {
          code: `E${bad}`,
        });
      },
      () =>
        Response.json({
          endpoint: `https://acs.example/path${bad}/`,
          telemetryEndpoint: `https://tcs.example/${bad}`,
          serviceConnectEndpoint: `other:${bad}`,
          systemLogsEndpoint: bad,
        }),
    ];
    stage.start();
    for (let count = 1; count <= 7; count++) await stage.time.advance(await stage.waited(count));
    await stage.connected();
  });
  assert.ok(printed.some((line) => line.includes("https://acs.example/path%")), printed.join("\n"));
});

test("The text of a refusal, a close or a broken connection is printed without control characters", async () => {
  const bad = UNPRINTABLE;
  const printed = await withEverythingPrinted({}, async (stage) => {
    const connect = stage.transport.connect.bind(stage.transport);
    const refusal = (body: string) =>
      new UpgradeRefusedError({ host: "acs.example", status: 403, body, serverDate: undefined });
    const failures: unknown[] = [
      refusal(bad),
      ...SERVICE_EXCEPTION_NAMES.slice(0, 3).map((name) =>
        refusal(JSON.stringify({ [name]: bad }))
      ),
      new Error(`connect${bad}`, { cause: bad }),
      bad,
      Object.assign(new Error(bad), { name: bad, code: bad }),
    ];
    stage.transport.connect = async (request) => {
      const connection = await connect(request);
      if (failures.length > 0) throw failures.shift();
      return connection;
    };
    stage.start();
    for (let count = 1; count <= 7; count++) await stage.time.advance(await stage.waited(count));
    const ends = [
      { kind: "close", code: 4000, reason: bad },
      { kind: "error", error: Object.assign(new Error(bad), { name: bad }) },
    ] as const;
    for (const [index, end] of ends.entries()) {
      const connection = await stage.connected(8 + index);
      connection.end(end);
      await until(() => stage.eventsOf("disconnected").length > index, "it is disconnected");
      await stage.time.advance(60_000);
    }
  });
  assert.ok(printed.some((line) => line.includes("the peer closed with code 4000")));
});

test("Texts in messages, and errors that handlers throw, are printed without control characters", async () => {
  const bad = UNPRINTABLE;
  const fail = (): never => {
    throw Object.assign(new AggregateError([bad, new Error(bad)], bad), { code: bad, name: bad });
  };
  const printed = await withEverythingPrinted({
    payloadMessageHandler: { processMessage: fail },
    credentialsMetadataSetter: { setTaskRoleCredentialsMetadata: fail },
    eniHandler: { handleEniAttachment: fail },
    resourceHandler: { handleResourceAttachment: fail },
    taskComparer: { compareRunningTasksOnInstanceWithManifest: fail },
    taskStopper: { stopTask: fail },
    manifestMessageIdAccessor: { getMessageId: () => bad, setMessageId: () => {} },
    updateHandler: { stageUpdate: fail, performUpdate: fail },
  }, async (stage) => {
    stage.session.addResponder({ name: bad, messageType: "CloseMessage", handleMessage: fail });
    stage.session.addEventListener("sent", fail);
    stage.start();
    const connection = await stage.connected();
    for (const type of RECEIVED_MESSAGE_TYPES) {
      const message = { ...VALID_MESSAGES[type], messageId: bad };
      connection.message(type, message);
      connection.message(type, { ...message, message: bad, [bad]: bad, taskArn: bad });
      connection.message(type, {
        ...message,
        tasks: [{ [bad]: 5, arn: bad }],
        stopTasks: [{ taskArn: bad }],
      });
      connection.message(type, { messageId: 5, [bad]: bad });
      connection.frame(JSON.stringify({ [type]: bad }));
    }
    for (const type of [bad, `Type${bad}`, `${"x".repeat(63)}\u{1f600}`]) {
      connection.message(type, {});
    }
    connection.frame(JSON.stringify({ [bad]: bad }));
    connection.frame(`${bad}{`);
    await turns(20);
    assert.ok(stage.eventsOf("dropped").length > 30);
  });
  assert.ok(printed.some((line) => line.includes("FAKE")), "the surrounding text is there");
});
