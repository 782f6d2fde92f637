import assert from "node:assert/strict";
import {
  type ManifestMessageIdAccessor,
  memoryManifestMessageId,
} from "../../responders/manifest_message_id.ts";
import {
  memorySequenceNumber,
  type SequenceNumberAccessor,
} from "../../responders/sequence_number.ts";
import {
  type TaskComparer,
  taskManifestResponder,
} from "../../responders/task_manifest_responder.ts";
import type { TaskIdentifier, TaskManifestMessage } from "../../protocol/messages.ts";
import { assertInvalid, handle, recordingContext } from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

const MESSAGE = {
  messageId: "m1",
  clusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a",
  timeline: 12,
  tasks: [{ taskArn: "arn:task:1", taskClusterArn: "arn:cluster", desiredStatus: "RUNNING" }],
};
const ACK = {
  type: "AckRequest",
  message: {
    cluster: MESSAGE.clusterArn,
    containerInstance: MESSAGE.containerInstanceArn,
    messageId: "m1",
  },
};
const CANDIDATES: TaskIdentifier[] = [
  { taskArn: "arn:task:2", taskClusterArn: "arn:cluster", desiredStatus: "STOPPED" },
  { taskArn: "arn:task:3", taskClusterArn: "arn:cluster", desiredStatus: "STOPPED" },
];

/** A responder whose parts can all be inspected and replaced. */
function stage(
  parts: {
    latest?: number;
    candidates?: TaskIdentifier[];
    comparer?: TaskComparer;
    sequenceNumbers?: SequenceNumberAccessor;
    manifestMessageId?: ManifestMessageIdAccessor;
  } = {},
) {
  const compared: TaskManifestMessage[] = [];
  const sequenceNumbers = parts.sequenceNumbers ?? memorySequenceNumber();
  if (parts.latest !== undefined) sequenceNumbers.setLatestSequenceNumber(parts.latest);
  const manifestMessageId = parts.manifestMessageId ?? memoryManifestMessageId();
  const comparer = parts.comparer ?? {
    compareRunningTasksOnInstanceWithManifest(message: TaskManifestMessage) {
      compared.push(message);
      return parts.candidates ?? [];
    },
  };
  const responder = taskManifestResponder(comparer, sequenceNumbers, manifestMessageId);
  return { compared, sequenceNumbers, manifestMessageId, responder };
}

test("A new manifest is compared, remembered and acknowledged", async () => {
  const { compared, sequenceNumbers, manifestMessageId, responder } = stage({ latest: 11 });
  const { sent } = await handle(responder, MESSAGE);
  assert.deepEqual(compared, [MESSAGE]);
  assert.deepEqual(sent, [ACK]);
  assert.equal(sequenceNumbers.getLatestSequenceNumber(), 12);
  assert.equal(manifestMessageId.getMessageId(), "m1");
});

test("Running tasks that a manifest does not list are sent for verification, after the acknowledgement", async () => {
  const { responder } = stage({ candidates: CANDIDATES });
  const { sent } = await handle(responder, MESSAGE);
  assert.deepEqual(sent, [
    ACK,
    {
      type: "TaskStopVerificationMessage",
      message: { messageId: "m1", stopCandidates: CANDIDATES },
    },
  ]);
});

test("A slow comparison delays the answers", async () => {
  const compared = Promise.withResolvers<TaskIdentifier[]>();
  const { responder } = stage({
    comparer: { compareRunningTasksOnInstanceWithManifest: () => compared.promise },
  });
  const context = recordingContext();
  const handled = responder.handleMessage(MESSAGE, context);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assert.deepEqual(context.sent, []);
  compared.resolve(CANDIDATES);
  await handled;
  assert.deepEqual(context.sent.map(({ type }) => type), [
    "AckRequest",
    "TaskStopVerificationMessage",
  ]);
});

for (
  const { how, latest, timeline } of [
    { how: "older", latest: 13, timeline: 12 },
    { how: "as old as the latest known", latest: 12, timeline: 12 },
    { how: "without a timeline", latest: 0, timeline: undefined },
    { how: "with a null timeline", latest: 0, timeline: null },
    { how: "with a negative timeline", latest: 0, timeline: -1 },
  ]
) {
  test(`A manifest that is ${how} changes nothing and is not acknowledged`, async () => {
    const { compared, sequenceNumbers, manifestMessageId, responder } = stage({ latest });
    manifestMessageId.setMessageId("before");
    const { timeline: _left, ...rest } = MESSAGE;
    await assertInvalid(
      responder,
      timeline === undefined ? rest : { ...rest, timeline },
      /^out of date: its timeline -?\d+ is not greater than the latest known \d+$/,
    );
    assert.deepEqual(compared, []);
    assert.equal(sequenceNumbers.getLatestSequenceNumber(), latest);
    assert.equal(manifestMessageId.getMessageId(), "before");
  });
}

test("A repeated manifest is out of date, and the next newer one is accepted", async () => {
  const { responder } = stage();
  await handle(responder, MESSAGE);
  await assertInvalid(responder, MESSAGE, /out of date/);
  const { sent } = await handle(responder, { ...MESSAGE, messageId: "m2", timeline: 13 });
  assert.deepEqual(sent.map(({ message }) => message), [{ ...ACK.message, messageId: "m2" }]);
});

test("An agent without a state file has sequence number 0", async () => {
  const { sequenceNumbers, responder } = stage();
  assert.equal(sequenceNumbers.getLatestSequenceNumber(), 0);
  const { sent } = await handle(responder, { ...MESSAGE, timeline: 1 });
  assert.deepEqual(sent, [ACK]);
});

/** An accessor of numbers or ids whose saving fails, synchronously or asynchronously. */
const SAVES: readonly { how: string; save: () => void | Promise<void> }[] = [
  {
    how: "throws",
    save: () => {
      throw new Error("disk full");
    },
  },
  { how: "rejects", save: () => Promise.reject(new Error("disk full")) },
];

for (const { how, save } of SAVES) {
  test(`Saving the manifest's id ${how}: no acknowledgement, and the sequence number stays`, async () => {
    const { sequenceNumbers, responder } = stage({
      manifestMessageId: { getMessageId: () => "", setMessageId: save },
    });
    const context = recordingContext();
    await assert.rejects(
      async () => await responder.handleMessage(MESSAGE, context),
      /disk full/,
    );
    assert.deepEqual(context.sent, []);
    assert.equal(sequenceNumbers.getLatestSequenceNumber(), 0);
  });

  test(`Saving the sequence number ${how}: no acknowledgement`, async () => {
    const { responder } = stage({
      sequenceNumbers: { getLatestSequenceNumber: () => 0, setLatestSequenceNumber: save },
    });
    const context = recordingContext();
    await assert.rejects(
      async () => await responder.handleMessage(MESSAGE, context),
      /disk full/,
    );
    assert.deepEqual(context.sent, []);
  });

  test(`The comparer ${how}: neither acknowledgement nor verification, until the manifest is redelivered`, async () => {
    let failures = 1;
    const { responder } = stage({
      comparer: {
        async compareRunningTasksOnInstanceWithManifest() {
          if (failures-- > 0) await save();
          return CANDIDATES;
        },
      },
    });
    const context = recordingContext();
    await assert.rejects(
      async () => await responder.handleMessage(MESSAGE, context),
      /disk full/,
    );
    assert.deepEqual(context.sent, []);
    const { sent } = await handle(responder, MESSAGE);
    assert.equal(sent.length, 2);
  });
}

test("Each step is awaited: the comparison first, then the id, then the number", async () => {
  const order: string[] = [];
  const later = async (what: string) => {
    await Promise.resolve();
    order.push(what);
  };
  const { responder } = stage({
    manifestMessageId: { getMessageId: () => "", setMessageId: (id) => later(`id ${id}`) },
    sequenceNumbers: {
      getLatestSequenceNumber: () => 0,
      setLatestSequenceNumber: (sequenceNumber) => later(`number ${sequenceNumber}`),
    },
    comparer: {
      async compareRunningTasksOnInstanceWithManifest() {
        await later("compare");
        return [];
      },
    },
  });
  const { sent } = await handle(responder, MESSAGE);
  assert.deepEqual(order, ["compare", "id m1", "number 12"]);
  assert.deepEqual(sent, [ACK]);
});

test("A manifest without an id is acknowledged without one, and no verification can answer it", async () => {
  const { manifestMessageId, responder } = stage();
  manifestMessageId.setMessageId("before");
  const { messageId: _left, ...message } = MESSAGE;
  const { sent } = await handle(responder, message);
  assert.deepEqual(sent.map(({ type }) => type), ["AckRequest"]);
  assert.equal(manifestMessageId.getMessageId(), "");
});

/** A comparer as JavaScript allows it: it returns any value. */
function comparerReturning(returned: unknown): TaskComparer {
  const compared: TaskComparer = { compareRunningTasksOnInstanceWithManifest: () => [] };
  Reflect.set(compared, "compareRunningTasksOnInstanceWithManifest", () => returned);
  return compared;
}

for (const [what, returned] of [["nothing", undefined], ["null", null]] as const) {
  test(`A comparer that returns ${what} has found no task to stop: the manifest is acknowledged`, async () => {
    for (const each of [returned, Promise.resolve(returned)]) {
      const { responder, sequenceNumbers } = stage({ comparer: comparerReturning(each) });
      const { sent } = await handle(responder, MESSAGE);
      assert.deepEqual(sent, [ACK]);
      assert.equal(sequenceNumbers.getLatestSequenceNumber(), 12);
    }
  });
}

for (
  const [what, returned, expected] of [
    ["a number", 3, /task comparer returned a number: return an array of tasks, or nothing/],
    ["a boolean", false, /task comparer returned a boolean/],
    ["a string", "arn:task:2", /task comparer returned a string/],
    ["an object", { taskArn: "arn:task:2" }, /task comparer returned an object/],
    ["a set", new Set(CANDIDATES), /task comparer returned an object/],
    ["a list of ARNs", ["arn:task:2"], /task comparer returned a string without a taskArn/],
    ["a task without an ARN", [{ taskArn: "" }], /returned an object without a taskArn/],
  ] as const
) {
  test(`A comparer that returns ${what} fails, no answer is sent and the manifest is not remembered`, async () => {
    for (const each of [returned, Promise.resolve(returned)]) {
      const { responder, sequenceNumbers, manifestMessageId } = stage({
        comparer: comparerReturning(each),
      });
      const context = recordingContext();
      await assert.rejects(async () => await responder.handleMessage(MESSAGE, context), expected);
      assert.deepEqual(context.sent, []);
      assert.equal(sequenceNumbers.getLatestSequenceNumber(), 0);
      assert.equal(manifestMessageId.getMessageId(), "");
    }
  });
}

test("Only the known fields of the tasks that a comparer returns are sent, and empty entries are skipped", async () => {
  const [task] = CANDIDATES;
  const own = { ...task, environment: { PASSWORD: "hunter2-hunter2" }, taskClusterArn: 7 };
  const { responder } = stage({ comparer: comparerReturning([null, own, undefined]) });
  const { sent } = await handle(responder, MESSAGE);
  assert.deepEqual(sent[1], {
    type: "TaskStopVerificationMessage",
    message: {
      messageId: "m1",
      stopCandidates: [{ taskArn: "arn:task:2", desiredStatus: "STOPPED" }],
    },
  });
});

for (
  const [what, latest] of [["a promise", Promise.resolve(99)], ["NaN", NaN], [
    "a string",
    "99",
  ]] as const
) {
  test(`With ${what} as the latest sequence number, no manifest counts as new`, async () => {
    const sequenceNumbers = memorySequenceNumber();
    Reflect.set(sequenceNumbers, "getLatestSequenceNumber", () => latest);
    const { responder, compared } = stage({ sequenceNumbers });
    const context = recordingContext();
    await assert.rejects(
      async () => await responder.handleMessage(MESSAGE, context),
      /getLatestSequenceNumber returned .*: return the number itself, without a promise/,
    );
    assert.deepEqual(compared, []);
    assert.deepEqual(context.sent, []);
  });
}

test("An accessor without a sequence number may return nothing", async () => {
  for (const latest of [undefined, null]) {
    const sequenceNumbers = memorySequenceNumber();
    Reflect.set(sequenceNumbers, "getLatestSequenceNumber", () => latest);
    const { responder } = stage({ sequenceNumbers });
    const { sent } = await handle(responder, MESSAGE);
    assert.deepEqual(sent, [ACK]);
  }
});
