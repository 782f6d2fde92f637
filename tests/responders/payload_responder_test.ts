import assert from "node:assert/strict";
import {
  type PayloadAck,
  type PayloadMessageHandler,
  payloadResponder,
} from "../../responders/payload_responder.ts";
import {
  memorySequenceNumber,
  type SequenceNumberAccessor,
} from "../../responders/sequence_number.ts";
import type { IAMRoleCredentialsAckRequest, PayloadMessage } from "../../protocol/messages.ts";
import { assertInvalid, handle, recordingContext } from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

const MESSAGE = {
  messageId: "p1",
  clusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a",
  seqNum: 7,
  tasks: [{ arn: "arn:aws:ecs:us-west-2:111122223333:task/default/a" }],
};
const ACK = {
  type: "AckRequest",
  message: {
    cluster: MESSAGE.clusterArn,
    containerInstance: MESSAGE.containerInstanceArn,
    messageId: "p1",
  },
};

function responderOf(
  processMessage: PayloadMessageHandler["processMessage"],
  sequenceNumbers: SequenceNumberAccessor = memorySequenceNumber(),
) {
  return payloadResponder({ processMessage }, { sequenceNumbers });
}

function sequenceNumberAt(latest: number): SequenceNumberAccessor {
  const numbers = memorySequenceNumber();
  numbers.setLatestSequenceNumber(latest);
  return numbers;
}

test("A payload is acknowledged with its own ids once the handler has accepted it", async () => {
  const taken: PayloadMessage[] = [];
  const responder = responderOf(async (message, ack) => {
    taken.push(message);
    await ack();
  });
  const { sent, work } = await handle(responder, MESSAGE);
  assert.deepEqual(taken, [MESSAGE]);
  assert.deepEqual(sent, [ACK]);
  assert.deepEqual(work, []);
});

test("A payload that the handler does not acknowledge is not acknowledged", async () => {
  const { sent } = await handle(responderOf(() => {}), MESSAGE);
  assert.deepEqual(sent, []);
});

test("A handler that acknowledges twice sends one acknowledgement", async () => {
  const responder = responderOf(async (_message, ack) => {
    await ack();
    await ack([{ credentialsId: "c1" }]);
  });
  const { sent } = await handle(responder, MESSAGE);
  assert.deepEqual(sent, [ACK]);
});

test("A handler may keep the acknowledgement and send it after it has returned", async () => {
  const acks: PayloadAck[] = [];
  const { sent } = await handle(responderOf((_message, ack) => void acks.push(ack)), MESSAGE);
  assert.deepEqual(sent, []);
  await acks[0]?.();
  assert.deepEqual(sent, [ACK]);
});

test("A payload's credentials are acknowledged one by one after it, with the payload's id unless another is given", async () => {
  const responder = responderOf((_message, ack) =>
    ack([
      { credentialsId: "c1", expiration: "2026-01-01T06:00:00Z" },
      { credentialsId: "c2", expiration: null, messageId: "other" },
      { credentialsId: "c3", messageId: undefined },
      { credentialsId: "c4", messageId: null },
    ])
  );
  const { sent } = await handle(responder, MESSAGE);
  assert.deepEqual(sent, [
    ACK,
    {
      type: "IAMRoleCredentialsAckRequest",
      message: { messageId: "p1", credentialsId: "c1", expiration: "2026-01-01T06:00:00Z" },
    },
    {
      type: "IAMRoleCredentialsAckRequest",
      message: { messageId: "other", credentialsId: "c2", expiration: null },
    },
    { type: "IAMRoleCredentialsAckRequest", message: { messageId: "p1", credentialsId: "c3" } },
    { type: "IAMRoleCredentialsAckRequest", message: { messageId: "p1", credentialsId: "c4" } },
  ]);
});

test("Acknowledgements of credentials contain only the fields that the service expects, and empty entries are skipped", async () => {
  const credentials = {
    credentialsId: "c1",
    expiration: "2026",
    secretAccessKey: "made/up/secret",
  };
  const responder = responderOf((_message, ack) => {
    const list: IAMRoleCredentialsAckRequest[] = [credentials];
    Reflect.set(list, 1, null);
    return ack(list);
  });
  const { sent } = await handle(responder, MESSAGE);
  assert.deepEqual(sent.slice(1), [{
    type: "IAMRoleCredentialsAckRequest",
    message: { messageId: "p1", credentialsId: "c1", expiration: "2026" },
  }]);
});

test("A handler that acknowledges null acknowledges the payload; with anything but a list it fails, and nothing is acknowledged", async () => {
  const acknowledging = (credentials: unknown) =>
    responderOf((_message, ack) => void Reflect.apply(ack, undefined, [credentials]));
  assert.deepEqual((await handle(acknowledging(null), MESSAGE)).sent, [ACK]);
  for (const odd of ["c1", 7, { credentialsId: "c1" }]) {
    const context = recordingContext();
    await assert.rejects(
      async () => await acknowledging(odd).handleMessage(MESSAGE, context),
      /ack accepts a list/,
    );
    assert.deepEqual(context.sent, []);
  }
});

test("A handler may return anything: only a promise, of any library, is awaited", async () => {
  for (const odd of [7, "done", true, { then: 7 }, []]) {
    const numbers = memorySequenceNumber();
    const responder = payloadResponder(handlerReturning(() => odd), { sequenceNumbers: numbers });
    const context = await handle(responder, MESSAGE);
    assert.deepEqual(context.sent, [ACK]);
    assert.equal(numbers.getLatestSequenceNumber(), 7);
  }
  const gate = Promise.withResolvers<void>();
  const thenable = { then: gate.promise.then.bind(gate.promise) };
  const numbers = memorySequenceNumber();
  const handled = handle(
    payloadResponder(handlerReturning(() => thenable), { sequenceNumbers: numbers }),
    MESSAGE,
  );
  await Promise.resolve();
  assert.equal(numbers.getLatestSequenceNumber(), 0);
  gate.resolve();
  await handled;
  assert.equal(numbers.getLatestSequenceNumber(), 7);
});

test("A handler that throws before acknowledging leaves the payload unacknowledged", async () => {
  const context = recordingContext();
  const failure = new Error("no room");
  for (
    const processMessage of [
      () => {
        throw failure;
      },
      () => Promise.reject(failure),
    ]
  ) {
    await assert.rejects(
      async () => await responderOf(processMessage).handleMessage(MESSAGE, context),
      (error) => error === failure,
    );
  }
  assert.deepEqual(context.sent, []);
});

test("A handler that throws after acknowledging keeps the acknowledgement, and its error is reported", async () => {
  const context = recordingContext();
  const failure = new Error("too late");
  const responder = responderOf(async (_message, ack) => {
    await ack();
    throw failure;
  });
  await assert.rejects(
    async () => await responder.handleMessage(MESSAGE, context),
    (error) => error === failure,
  );
  assert.deepEqual(context.sent, [ACK]);
});

for (
  const { how, latest, seqNum, expected } of [
    { how: "a greater one raises it", latest: 3, seqNum: 7, expected: 7 },
    { how: "an equal one leaves it", latest: 7, seqNum: 7, expected: 7 },
    { how: "a smaller one never lowers it", latest: 9, seqNum: 7, expected: 9 },
    { how: "a missing one leaves it", latest: 9, seqNum: undefined, expected: 9 },
    { how: "a null one leaves it", latest: -1, seqNum: null, expected: -1 },
  ]
) {
  for (const fails of [false, true]) {
    const whether = fails ? "even when the handler fails" : "when the handler succeeds";
    test(`A payload's sequence number and the latest one: ${how}, ${whether}`, async () => {
      const numbers = sequenceNumberAt(latest);
      const responder = responderOf(() => {
        if (fails) throw new Error("no room");
      }, numbers);
      const { seqNum: _left, ...rest } = MESSAGE;
      const message = seqNum === undefined ? rest : { ...rest, seqNum };
      const handled = handle(responder, message);
      if (fails) await assert.rejects(handled, /no room/);
      else await handled;
      assert.equal(numbers.getLatestSequenceNumber(), expected);
    });
  }
}

test("A sequence number is not saved again unless it was raised", async () => {
  const saved: number[] = [];
  const numbers: SequenceNumberAccessor = {
    getLatestSequenceNumber: () => saved.at(-1) ?? 0,
    setLatestSequenceNumber: (sequenceNumber) => void saved.push(sequenceNumber),
  };
  const responder = responderOf((_message, ack) => ack(), numbers);
  await handle(responder, MESSAGE);
  await handle(responder, MESSAGE);
  assert.deepEqual(saved, [7]);
});

test("A sequence number that cannot be saved makes the payload fail", async () => {
  for (
    const setLatestSequenceNumber of [
      () => {
        throw new Error("disk full");
      },
      () => Promise.reject(new Error("disk full")),
    ]
  ) {
    const numbers = { getLatestSequenceNumber: () => 0, setLatestSequenceNumber };
    const context = recordingContext();
    await assert.rejects(
      async () =>
        await responderOf((_message, ack) => ack(), numbers).handleMessage(MESSAGE, context),
      /disk full/,
    );
    assert.deepEqual(context.sent, [ACK]);
  }
});

test("A payload that is redelivered after its acknowledgement is handled and acknowledged again", async () => {
  let times = 0;
  const responder = responderOf((_message, ack) => {
    times += 1;
    return ack();
  });
  assert.deepEqual((await handle(responder, MESSAGE)).sent, [ACK]);
  assert.deepEqual((await handle(responder, MESSAGE)).sent, [ACK]);
  assert.equal(times, 2);
});

for (const field of ["messageId", "clusterArn", "containerInstanceArn"] as const) {
  test(`A payload without ${field} is invalid: no handler is called, nothing is sent`, async () => {
    const numbers = memorySequenceNumber();
    let handled = 0;
    const responder = responderOf(() => void handled++, numbers);
    const { [field]: _left, ...missing } = MESSAGE;
    const broken: PayloadMessage[] = [missing, { ...MESSAGE, [field]: null }, {
      ...MESSAGE,
      [field]: "",
    }];
    for (const message of broken) {
      await assertInvalid(responder, message, new RegExp(`^${field} is missing or empty$`));
    }
    assert.equal(handled, 0);
    assert.equal(numbers.getLatestSequenceNumber(), 0);
  });
}

/** A handler as JavaScript allows it: it acknowledges, and returns any value. */
function handlerReturning(returned: () => unknown): PayloadMessageHandler {
  const handler: PayloadMessageHandler = { processMessage: () => {} };
  Reflect.set(handler, "processMessage", (_message: PayloadMessage, ack: PayloadAck) => {
    void ack();
    return returned();
  });
  return handler;
}
