import assert from "node:assert/strict";
import {
  attachResourceResponder,
  DEFAULT_ATTACHMENT_WAIT_TIMEOUT_MS,
  type ResourceAttachment,
  type ResourceHandler,
} from "../../responders/attach_resource_responder.ts";
import type { Attachment, ConfirmAttachmentMessage } from "../../protocol/messages.ts";
import { assertInvalid, handle, RECEIVED_AT } from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

/** Properties by name, as the service sends them. */
function properties(values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

const AMAZON_EBS = {
  volumeId: "vol-0",
  volumeSizeGib: "10",
  deviceName: "/dev/xvdba",
  sourceVolumeHostPath: "taskarn_vol-0",
  volumeName: "data",
};
const ELASTIC_BLOCK_STORAGE = {
  resourceType: "ElasticBlockStorage",
  volumeID: "vol-0",
  deviceName: "/dev/xvdba",
};
const EPHEMERAL_STORAGE = {
  resourceType: "EphemeralStorage",
  volumeID: "vol-0",
  deviceName: "/dev/xvdba",
  volumeSizeInGiB: "10",
  requestedSizeInGiB: "8",
  resourceID: "r-0",
};
const ATTACHMENT = {
  attachmentArn: "arn:aws:ecs:us-west-2:111122223333:attachment/a",
  attachmentType: "amazonebs",
  attachmentProperties: properties(AMAZON_EBS),
};
const MESSAGE = {
  messageId: "m1",
  clusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a",
  taskArn: "arn:aws:ecs:us-west-2:111122223333:task/default/a",
  taskClusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
  waitTimeoutMs: 90_000,
  attachment: ATTACHMENT,
};
const ACK = {
  type: "AckRequest",
  message: {
    cluster: MESSAGE.clusterArn,
    containerInstance: MESSAGE.containerInstanceArn,
    messageId: "m1",
  },
};

/** A message whose attachment has these properties; an empty type is left out. */
function withProperties(
  attachmentType: string,
  values: Readonly<Record<string, string>>,
): ConfirmAttachmentMessage {
  const attachment = {
    attachmentArn: ATTACHMENT.attachmentArn,
    ...(attachmentType === "" ? {} : { attachmentType }),
    attachmentProperties: properties(values),
  };
  return { ...MESSAGE, attachment };
}

function recordingHandler(): ResourceHandler & { readonly taken: ResourceAttachment[] } {
  const taken: ResourceAttachment[] = [];
  return { taken, handleResourceAttachment: (attachment) => void taken.push(attachment) };
}

test("A resource is passed to the handler with its properties by name, and the message is acknowledged", async () => {
  const handler = recordingHandler();
  const { sent, work } = await handle(attachResourceResponder(handler), MESSAGE);
  assert.deepEqual(handler.taken, [{
    attachmentArn: ATTACHMENT.attachmentArn,
    attachmentType: "amazonebs",
    attachmentProperties: new Map(Object.entries(AMAZON_EBS)),
    taskArn: MESSAGE.taskArn,
    taskClusterArn: MESSAGE.taskClusterArn,
    clusterArn: MESSAGE.clusterArn,
    containerInstanceArn: MESSAGE.containerInstanceArn,
    expiresAt: new Date(RECEIVED_AT + 90_000),
  }]);
  assert.deepEqual(sent, [ACK]);
  assert.equal(work.length, 1);
});

test("A resource without a task is passed to the handler with empty ARNs of task and cluster", async () => {
  const handler = recordingHandler();
  const { taskArn: _task, taskClusterArn: _cluster, ...message } = MESSAGE;
  await handle(attachResourceResponder(handler), message);
  const [taken] = handler.taken;
  assert.deepEqual([taken?.taskArn, taken?.taskClusterArn], ["", ""]);
});

test("A resource that arrives again while its handler is waiting is acknowledged and not waited for twice", async () => {
  const gates: (() => void)[] = [];
  const responder = attachResourceResponder({
    handleResourceAttachment: () => new Promise((resolve) => gates.push(resolve)),
  });
  const first = await handle(responder, MESSAGE);
  const copy = await handle(responder, { ...MESSAGE, messageId: "m2" });
  assert.deepEqual(copy.sent, [{ ...ACK, message: { ...ACK.message, messageId: "m2" } }]);
  assert.deepEqual(copy.work, []);
  const other = { ...ATTACHMENT, attachmentArn: "arn:aws:ecs:us-west-2:111122223333:attachment/b" };
  await handle(responder, { ...MESSAGE, attachment: other });
  assert.equal(gates.length, 2);
  for (const open of gates) open();
  await Promise.all(first.work);
  await handle(responder, { ...MESSAGE, messageId: "m3" });
  assert.equal(gates.length, 3);
});

test("A resource is waited for for five minutes if the message says 0, null or nothing", async () => {
  assert.equal(DEFAULT_ATTACHMENT_WAIT_TIMEOUT_MS, 300_000);
  const handler = recordingHandler();
  const { waitTimeoutMs: _left, ...message } = MESSAGE;
  for (const waitTimeoutMs of [0, null]) {
    await handle(attachResourceResponder(handler), { ...message, waitTimeoutMs });
  }
  await handle(attachResourceResponder(handler), message);
  const expected = new Date(RECEIVED_AT + 300_000);
  assert.deepEqual(handler.taken.map(({ expiresAt }) => expiresAt), Array(3).fill(expected));
});

test("A resource is acknowledged before its handler has finished, and whether or not it fails", async () => {
  const gate = Promise.withResolvers<void>();
  const slow = await handle(
    attachResourceResponder({ handleResourceAttachment: () => gate.promise }),
    MESSAGE,
  );
  assert.deepEqual(slow.sent, [ACK]);
  gate.reject(new Error("no such volume"));
  await assert.rejects(Promise.all(slow.work), /no such volume/);

  const throwing = await handle(
    attachResourceResponder({
      handleResourceAttachment() {
        throw new Error("not today");
      },
    }),
    MESSAGE,
  );
  assert.deepEqual(throwing.sent, [ACK]);
  await assert.rejects(Promise.all(throwing.work), /not today/);
});

for (const fileSystem of [undefined, "xfs", "ext2", "ext3", "ext4", "ntfs"]) {
  test(`An EBS volume with ${fileSystem ?? "no"} file system is accepted`, async () => {
    const values = { ...AMAZON_EBS, ...(fileSystem === undefined ? {} : { fileSystem }) };
    const { sent } = await handle(
      attachResourceResponder(recordingHandler()),
      withProperties("amazonebs", values),
    );
    assert.deepEqual(sent, [ACK]);
  });
}

for (const values of [ELASTIC_BLOCK_STORAGE, EPHEMERAL_STORAGE]) {
  for (const attachmentType of ["", "later"]) {
    test(`A resource of resourceType ${values.resourceType} and attachmentType "${attachmentType}" is accepted, with any other properties`, async () => {
      const handler = recordingHandler();
      const more = { ...values, later: "x" };
      const { sent } = await handle(
        attachResourceResponder(handler),
        withProperties(attachmentType, more),
      );
      assert.deepEqual(sent, [ACK]);
      assert.equal(handler.taken[0]?.attachmentType, attachmentType);
      assert.deepEqual(handler.taken[0]?.attachmentProperties, new Map(Object.entries(more)));
    });
  }
}

const { messageId: _messageId, ...withoutMessageId } = MESSAGE;
const { clusterArn: _clusterArn, ...withoutCluster } = MESSAGE;
const { containerInstanceArn: _instanceArn, ...withoutInstance } = MESSAGE;
const { attachment: _attachment, ...withoutAttachment } = MESSAGE;
const { attachmentArn: _attachmentArn, ...withoutAttachmentArn } = ATTACHMENT;
const { attachmentProperties: _properties, ...withoutProperties } = ATTACHMENT;

/** Texts that are not ARNs. */
const NOT_ARNS = [
  null,
  "",
  "default",
  "arn",
  "arn:aws:ecs:us-west-2:111122223333",
  "ARN:a:b:c:d:e",
];

const withAttachment = (attachment: Attachment) => ({ ...MESSAGE, attachment });
const withProperty = (property: NonNullable<Attachment["attachmentProperties"]>[number]) =>
  withAttachment({
    ...ATTACHMENT,
    attachmentProperties: [...ATTACHMENT.attachmentProperties, property],
  });

const BROKEN: readonly { rule: string; error: RegExp; messages: ConfirmAttachmentMessage[] }[] = [
  {
    rule: "messageId",
    error: /^messageId is missing or empty$/,
    messages: [withoutMessageId, { ...MESSAGE, messageId: null }, { ...MESSAGE, messageId: "" }],
  },
  {
    rule: "an ARN as clusterArn",
    error: /^clusterArn is not an ARN$/,
    messages: [
      withoutCluster,
      ...NOT_ARNS.map((clusterArn) => ({ ...MESSAGE, clusterArn })),
    ],
  },
  {
    rule: "an ARN as containerInstanceArn",
    error: /^containerInstanceArn is not an ARN$/,
    messages: [
      withoutInstance,
      ...NOT_ARNS.map((containerInstanceArn) => ({ ...MESSAGE, containerInstanceArn })),
    ],
  },
  {
    rule: "an attachment",
    error: /^attachment is missing$/,
    messages: [withoutAttachment, { ...MESSAGE, attachment: null }],
  },
  {
    rule: "an ARN as the attachment's",
    error: /^attachment\.attachmentArn is not an ARN$/,
    messages: [
      withAttachment(withoutAttachmentArn),
      ...NOT_ARNS.map((attachmentArn) => withAttachment({ ...ATTACHMENT, attachmentArn })),
    ],
  },
  {
    rule: "a name and a value for each property",
    error: /^an attachment property has no name or no value$/,
    messages: [
      withProperty(null),
      withProperty({}),
      withProperty({ value: "x" }),
      withProperty({ name: null, value: "x" }),
      withProperty({ name: "", value: "x" }),
      withProperty({ name: "x" }),
      withProperty({ name: "x", value: null }),
      withProperty({ name: "x", value: "" }),
    ],
  },
  {
    rule: "any property",
    error: /^the attachment property volumeId is missing$/,
    messages: [
      withAttachment(withoutProperties),
      withAttachment({ ...ATTACHMENT, attachmentProperties: null }),
      withAttachment({ ...ATTACHMENT, attachmentProperties: [] }),
    ],
  },
  {
    rule: "a file system that is supported",
    error: /^the attachment property fileSystem names an unsupported file system$/,
    messages: ["btrfs", "XFS", "ext", "xfs "].map((fileSystem) =>
      withProperties("amazonebs", { ...AMAZON_EBS, fileSystem })
    ),
  },
  {
    rule: "attachmentType amazonebs or a resourceType",
    error: /^the attachment property resourceType is missing$/,
    messages: [
      withProperties("", AMAZON_EBS),
      withProperties("AmazonEBS", AMAZON_EBS),
      withAttachment({ ...ATTACHMENT, attachmentType: null }),
    ],
  },
  {
    rule: "a resourceType that is supported",
    error: /^the attachment property resourceType is not supported$/,
    messages: ["elasticblockstorage", "Later", "constructor"].map((resourceType) =>
      withProperties("", { ...EPHEMERAL_STORAGE, resourceType })
    ),
  },
];

for (const { rule, error, messages } of BROKEN) {
  test(`A resource without ${rule} is not accepted and not acknowledged`, async () => {
    const handler = recordingHandler();
    for (const message of messages) {
      await assertInvalid(attachResourceResponder(handler), message, error);
    }
    assert.deepEqual(handler.taken, []);
  });
}

for (
  const { what, attachmentType, values } of [
    { what: "an EBS volume", attachmentType: "amazonebs", values: AMAZON_EBS },
    { what: "an ElasticBlockStorage", attachmentType: "", values: ELASTIC_BLOCK_STORAGE },
    { what: "an EphemeralStorage", attachmentType: "", values: EPHEMERAL_STORAGE },
  ]
) {
  for (const missing of Object.keys(values)) {
    test(`The property ${missing} is required by ${what}`, async () => {
      const rest = Object.fromEntries(Object.entries(values).filter(([name]) => name !== missing));
      const handler = recordingHandler();
      await assertInvalid(
        attachResourceResponder(handler),
        withProperties(attachmentType, rest),
        new RegExp(`^the attachment property ${missing} is missing$`),
      );
      assert.deepEqual(handler.taken, []);
    });
  }
}

test("An invalid message's error contains no value of a property", async () => {
  const secret = "some/value/that/nobody/should/see";
  for (
    const message of [
      withProperties("amazonebs", { ...AMAZON_EBS, fileSystem: secret }),
      withProperties("", { ...EPHEMERAL_STORAGE, resourceType: secret }),
    ]
  ) {
    await assertInvalid(
      attachResourceResponder(recordingHandler()),
      message,
      new RegExp(`^(?!.*${secret})`),
    );
  }
});
