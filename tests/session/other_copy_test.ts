/**
 * Errors from another copy of this package, as an application's transport or credentials manager
 * may throw them: their classes differ, their names and fields do not.
 */

import assert from "node:assert/strict";
import { ConnectError, LimitExceededError } from "../../errors.ts";
import { InvalidMessageError } from "../../responders/invalid_message_error.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { until } from "../testing/fakes/fake_time.ts";
import { ARNS, withSession } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

/** The same error, with a different class. */
function fromAnotherCopy(error: Error): Error {
  return Object.defineProperties(new Error(), Object.getOwnPropertyDescriptors(error));
}

const INACTIVE = fromAnotherCopy(
  new UpgradeRefusedError({
    host: "acs.example",
    status: 400,
    body: JSON.stringify({ type: "InactiveInstanceException", message: { message: "no" } }),
    serverDate: undefined,
  }),
);

test("For an inactive instance, the session waits an hour and calls back even if the transport is from another copy", async () => {
  let called = 0;
  await withSession({ inactiveInstanceCallback: () => void called++ }, async (stage) => {
    stage.transport.plan = [{ kind: "fail", error: INACTIVE }];
    stage.start();
    assert.equal(await stage.waited(1), 3_600_000);
    assert.deepEqual(stage.eventsOf("connectfailed").map(({ error }) => error.name), [
      "InactiveInstanceException",
    ]);
  });
  assert.equal(called, 1);
});

test("A permanent error from another copy is logged as such", () =>
  withCapturedLog((log) =>
    withSession({}, async (stage) => {
      const error = fromAnotherCopy(new ConnectError("no permission", { retryable: false }));
      stage.transport.plan = [{ kind: "fail", error }];
      stage.start();
      await stage.waited(1);
      assert.match(
        log.text(),
        /retrying will not fix it \(still retrying\): ConnectError: no permission/,
      );
    })
  ));

test("Errors that a responder or a credentials manager throws from another copy drop the message for the right reason", () => {
  const invalid = fromAnotherCopy(new InvalidMessageError("it has no resource"));
  const full = fromAnotherCopy(new LimitExceededError("the store is full", "maxEntries", 1));
  let thrown = invalid;
  return withSession({
    payloadMessageHandler: {
      processMessage() {
        throw thrown;
      },
    },
  }, async (stage) => {
    stage.start();
    const connection = await stage.connected();
    connection.message("PayloadMessage", { messageId: "p1", ...ARNS });
    await until(() => stage.eventsOf("dropped").length === 1, "the first is dropped");
    thrown = full;
    connection.message("PayloadMessage", { messageId: "p2", ...ARNS });
    await until(() => stage.eventsOf("dropped").length === 2, "the second is dropped");
    assert.deepEqual(stage.eventsOf("dropped").map(({ reason }) => reason), [
      "invalid",
      "overflow",
    ]);
  });
});
