import assert from "node:assert/strict";
import {
  performUpdateResponder,
  stageUpdateResponder,
  type UpdateAnswer,
  type UpdateHandler,
} from "../../responders/update_responder.ts";
import type { StageUpdateMessage } from "../../protocol/messages.ts";
import { assertInvalid, handle, recordingContext } from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

const MESSAGE = {
  messageId: "u1",
  clusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a",
  updateInfo: { location: "https://example.com/agent.tar", signature: "0123456789abcdef" },
};
const FIELDS = {
  cluster: MESSAGE.clusterArn,
  containerInstance: MESSAGE.containerInstanceArn,
  messageId: "u1",
};

/** One handler for both kinds of message, which records the ones it was given. */
function handlerOf(
  answer: (answer: UpdateAnswer) => void | Promise<void>,
): UpdateHandler & { readonly given: string[] } {
  const given: string[] = [];
  return {
    given,
    stageUpdate(message, each) {
      given.push(`stage ${message.updateInfo?.location}`);
      return answer(each);
    },
    performUpdate(message, each) {
      given.push(`perform ${message.updateInfo?.location}`);
      return answer(each);
    },
  };
}

for (
  const { kind, responderOf } of [
    { kind: "stage", responderOf: stageUpdateResponder },
    { kind: "perform", responderOf: performUpdateResponder },
  ] as const
) {
  test(`To ${kind} an update that the agent accepts is acknowledged`, async () => {
    const handler = handlerOf((answer) => answer.ack());
    const context = recordingContext();
    await responderOf(handler).handleMessage(MESSAGE, context);
    assert.deepEqual(handler.given, [`${kind} https://example.com/agent.tar`]);
    assert.deepEqual(context.sent, [{ type: "AckRequest", message: FIELDS }]);
  });

  test(`To ${kind} an update that the agent does not accept is refused with its reason`, async () => {
    const handler = handlerOf(async (answer) => {
      await Promise.resolve();
      answer.nack("the signature does not match");
    });
    const context = recordingContext();
    await responderOf(handler).handleMessage(MESSAGE, context);
    assert.deepEqual(context.sent, [{
      type: "NackRequest",
      message: { ...FIELDS, reason: "the signature does not match" },
    }]);
  });

  test(`To ${kind} an update is not answered automatically, nor if the handler fails`, async () => {
    const context = recordingContext();
    await responderOf(handlerOf(() => {})).handleMessage(MESSAGE, context);
    const failing = responderOf(handlerOf(() => Promise.reject(new Error("disk full"))));
    await assert.rejects(
      async () => await failing.handleMessage(MESSAGE, context),
      /disk full/,
    );
    assert.deepEqual(context.sent, []);
  });
}

test("Only the first answer to an update is sent", async () => {
  const handler = handlerOf((answer) => {
    answer.nack("no space left");
    answer.ack();
    answer.nack("again");
  });
  const { sent } = await handle(stageUpdateResponder(handler), MESSAGE);
  assert.deepEqual(sent.map(({ type }) => type), ["NackRequest"]);
});

test("A download without a message id is not passed to the handler: its outcome could not be reported", async () => {
  const handler = handlerOf((answer) => answer.ack());
  for (const messageId of [undefined, null, ""]) {
    const message: StageUpdateMessage = { ...MESSAGE };
    if (messageId === undefined) delete message.messageId;
    else message.messageId = messageId;
    await assertInvalid(stageUpdateResponder(handler), message, /^messageId is missing or empty$/);
  }
  assert.deepEqual(handler.given, []);
});

test("An update that is to be installed needs no ids, and is answered with the ids it has", async () => {
  const { sent } = await handle(performUpdateResponder(handlerOf((answer) => answer.ack())), {});
  assert.deepEqual(JSON.parse(JSON.stringify(sent)), [{ type: "AckRequest", message: {} }]);
});
