import assert from "node:assert/strict";
import type { ReportedEvent } from "../../cli/reported_event.ts";
import { reportSession } from "../../cli/session_report.ts";
import { VALID_MESSAGES } from "../testing/hostile/hostile_frames.ts";
import type { PayloadMessageHandler } from "../../responders/payload_responder.ts";
import { turns } from "../testing/fakes/fake_time.ts";
import type { MemoryConnection } from "../testing/fakes/memory_transport.ts";
import { type SessionStage, withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

/** A failure without an error, and how it is reported. */
interface Case {
  readonly what: string;
  readonly processMessage?: PayloadMessageHandler["processMessage"];
  readonly happens: (connection: MemoryConnection, stage: SessionStage) => Promise<void>;
  readonly event: string;
  readonly code: string;
  readonly error: RegExp;
}

const sendPayload = (connection: MemoryConnection) =>
  connection.message("PayloadMessage", VALID_MESSAGES.PayloadMessage);

const CASES: readonly Case[] = [
  {
    what: "A handler that throws",
    processMessage: () => Promise.reject(new Error("no disk")),
    happens: async (connection) => {
      sendPayload(connection);
      await turns(5);
    },
    event: "dropped",
    code: "ACS-S04",
    error: /no disk/,
  },
  {
    what: "A handler that never returns",
    processMessage: () => new Promise(() => {}),
    happens: async (connection, { time }) => {
      sendPayload(connection);
      await time.advance(61_000);
    },
    event: "stuck",
    code: "ACS-S03",
    error: /too long/,
  },
  {
    what: "A second agent with the same container instance",
    happens: async (connection) => {
      connection.end({ kind: "close", code: 1008, reason: "ConnectionReplaced: another one" });
      await turns(5);
    },
    event: "disconnected",
    code: "ACS-S01",
    error: /ConnectionReplaced/,
  },
  {
    what: "A connection that falls silent",
    happens: async (_connection, { time }) => {
      await time.advance(61_000);
    },
    event: "disconnected",
    code: "ACS-S02",
    error: /no frame was received/,
  },
];

for (const { what, processMessage, happens, event, code, error } of CASES) {
  test(`${what} is a ${event} event with the code ${code} and its remedy`, () =>
    withSession(
      processMessage === undefined ? {} : { payloadMessageHandler: { processMessage } },
      async (stage) => {
        const events: ReportedEvent[] = [];
        reportSession(stage.session, (each) => events.push(each));
        stage.start();
        await happens(await stage.connected(), stage);
        const reported = events.find((each) => each.event === event);
        assert.equal(reported?.fields["code"], code);
        assert.equal(reported.fields["retryable"], true);
        assert.match(String(reported.fields["error"]), error);
        assert.deepEqual(reported.details, [
          `What to do (${code}): ${reported.fields["fix"]}`,
        ]);
      },
    ));
}
