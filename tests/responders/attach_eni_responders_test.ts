import assert from "node:assert/strict";
import { attachInstanceEniResponder } from "../../responders/attach_instance_eni_responder.ts";
import { attachTaskEniResponder } from "../../responders/attach_task_eni_responder.ts";
import type { ResponderContext } from "../../responders/responder.ts";
import type { EniAttachment, EniHandler } from "../../responders/eni_attachment.ts";
import type { AttachTaskNetworkInterfacesMessage } from "../../protocol/messages.ts";
import type { ElasticNetworkInterface } from "../../protocol/network_interface.ts";
import {
  assertInvalid,
  handle,
  RECEIVED_AT,
  recordingContext,
} from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

const ENI = {
  attachmentArn: "arn:aws:ecs:us-west-2:111122223333:attachment/a",
  macAddress: "0a:1b:2c:3d:4e:5f",
  ec2Id: "eni-0123456789abcdef0",
  ipv4Addresses: [{ privateAddress: "10.0.0.4", primary: true }],
  subnetGatewayIpv4Address: "10.0.0.1/24",
};
const IPV6_ONLY = {
  attachmentArn: ENI.attachmentArn,
  macAddress: ENI.macAddress,
  ec2Id: ENI.ec2Id,
  ipv6Addresses: [{ address: "2001:db8::4", primary: true }],
  subnetGatewayIpv6Address: "2001:db8::1/64",
};
const VLAN = { vlanId: "7", trunkInterfaceMacAddress: "0a:1b:2c:3d:4e:50" };
const MESSAGE = {
  messageId: "m1",
  clusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a",
  taskArn: "arn:aws:ecs:us-west-2:111122223333:task/default/a",
  waitTimeoutMs: 90_000,
  elasticNetworkInterfaces: [ENI],
};
const ACK = {
  type: "AckRequest",
  message: {
    cluster: MESSAGE.clusterArn,
    containerInstance: MESSAGE.containerInstanceArn,
    messageId: "m1",
  },
};

/** Both responders, which differ only in the task. */
const RESPONDERS = [
  { of: "a task", attachmentType: "task-eni", taskArn: MESSAGE.taskArn },
  { of: "the instance", attachmentType: "instance-eni", taskArn: "" },
] as const;

function responderOf(of: (typeof RESPONDERS)[number]["of"], handler: EniHandler) {
  return of === "a task" ? attachTaskEniResponder(handler) : attachInstanceEniResponder(handler);
}

/** Passes a message to the responder of that name; one for the instance has no task. */
function messageFor(
  of: (typeof RESPONDERS)[number]["of"],
  message: AttachTaskNetworkInterfacesMessage,
): AttachTaskNetworkInterfacesMessage {
  if (of === "a task") return message;
  const { taskArn: _left, ...rest } = message;
  return rest;
}

function recordingHandler(): EniHandler & { readonly taken: EniAttachment[] } {
  const taken: EniAttachment[] = [];
  return { taken, handleEniAttachment: (attachment) => void taken.push(attachment) };
}

for (const { of, attachmentType, taskArn } of RESPONDERS) {
  test(`Each network interface of ${of} is passed to the handler with everything it needs, and the message is acknowledged`, async () => {
    const handler = recordingHandler();
    const second = { ...IPV6_ONLY, macAddress: "0a:1b:2c:3d:4e:60", attachmentArn: "arn:b" };
    const { sent, work } = await handle(
      responderOf(of, handler),
      messageFor(of, { ...MESSAGE, elasticNetworkInterfaces: [ENI, second] }),
    );
    const common = {
      attachmentType,
      taskArn,
      clusterArn: MESSAGE.clusterArn,
      containerInstanceArn: MESSAGE.containerInstanceArn,
      expiresAt: new Date(RECEIVED_AT + 90_000),
    };
    assert.deepEqual(handler.taken, [
      { ...common, attachmentArn: ENI.attachmentArn, macAddress: ENI.macAddress },
      { ...common, attachmentArn: "arn:b", macAddress: "0a:1b:2c:3d:4e:60" },
    ]);
    assert.deepEqual(sent, [ACK]);
    assert.equal(work.length, 2);
  });

  test(`The message for ${of} is acknowledged before its handlers, which run in parallel, have finished`, async () => {
    const gates: (() => void)[] = [];
    const handler: EniHandler = {
      handleEniAttachment: () => new Promise((resolve) => gates.push(resolve)),
    };
    const { sent, work } = await handle(
      responderOf(of, handler),
      messageFor(of, {
        ...MESSAGE,
        elasticNetworkInterfaces: [ENI, { ...ENI, attachmentArn: "arn:b" }],
      }),
    );
    assert.deepEqual(sent, [ACK]);
    assert.equal(gates.length, 2);
    for (const open of gates) open();
    await Promise.all(work);
  });

  test(`An attachment for ${of} that arrives again while its handler is waiting is acknowledged and not waited for twice`, async () => {
    const gates: (() => void)[] = [];
    const handler: EniHandler = {
      handleEniAttachment: () => new Promise((resolve) => gates.push(resolve)),
    };
    const responder = responderOf(of, handler);
    const message = (messageId: string) => messageFor(of, { ...MESSAGE, messageId });
    const first = await handle(responder, message("m1"));
    const copies = [await handle(responder, message("m2")), await handle(responder, message("m3"))];
    assert.equal(gates.length, 1);
    assert.deepEqual(copies.map(({ sent }) => sent), [
      [{ ...ACK, message: { ...ACK.message, messageId: "m2" } }],
      [{ ...ACK, message: { ...ACK.message, messageId: "m3" } }],
    ]);
    assert.deepEqual(copies.map(({ work }) => work.length), [0, 0]);
    const twice = { ...ENI, attachmentArn: "arn:twice" };
    await handle(
      responder,
      messageFor(of, { ...MESSAGE, elasticNetworkInterfaces: [twice, ENI, twice] }),
    );
    assert.equal(gates.length, 2, "another attachment is waited for meanwhile");

    for (const open of gates) open();
    await Promise.all(first.work);
    await handle(responder, message("m4"));
    assert.equal(gates.length, 3, "the handler decides what a copy means once it has finished");
  });

  test(`An attachment for ${of} is waited for again if it arrives after its handler failed or was refused`, async () => {
    let calls = 0;
    const handler: EniHandler = {
      handleEniAttachment() {
        calls += 1;
        throw new Error("no such interface");
      },
    };
    const responder = responderOf(of, handler);
    const { work } = await handle(responder, messageFor(of, MESSAGE));
    await assert.rejects(Promise.all(work), /no such interface/);
    const refusing: ResponderContext = {
      ...recordingContext(),
      background() {
        throw new RangeError("too much work");
      },
    };
    await assert.rejects(
      async () => await responder.handleMessage(messageFor(of, MESSAGE), refusing),
      /too much work/,
    );
    const again = await handle(responder, messageFor(of, MESSAGE));
    await assert.rejects(Promise.all(again.work), /no such interface/);
    assert.equal(calls, 2);
  });

  test(`A failing handler does not undo the acknowledgement for ${of}: its error is left to the background`, async () => {
    const failure = new Error("no such interface");
    for (
      const handler of [
        {
          handleEniAttachment: () => {
            throw failure;
          },
        },
        { handleEniAttachment: () => Promise.reject(failure) },
      ]
    ) {
      const { sent, work } = await handle(responderOf(of, handler), messageFor(of, MESSAGE));
      assert.deepEqual(sent, [ACK]);
      await assert.rejects(Promise.all(work), (error) => error === failure);
    }
  });
}

for (
  const [what, eni] of Object.entries<ElasticNetworkInterface>({
    "IPv4 only": ENI,
    "IPv6 only": IPV6_ONLY,
    "IPv6 only, with an empty list of IPv4 addresses": { ...IPV6_ONLY, ipv4Addresses: [] },
    "IPv6 only, with null for IPv4 addresses": { ...IPV6_ONLY, ipv4Addresses: null },
    "both, without an IPv6 gateway": { ...ENI, ipv6Addresses: IPV6_ONLY.ipv6Addresses },
    "the association protocol default": { ...ENI, interfaceAssociationProtocol: "default" },
    "a null association protocol": { ...ENI, interfaceAssociationProtocol: null },
    "the association protocol vlan": {
      ...ENI,
      interfaceAssociationProtocol: "vlan",
      interfaceVlanProperties: VLAN,
    },
    "fields of other protocols, which are ignored": {
      ...ENI,
      interfaceTunnelProperties: { tunnelId: "1" },
      interfaceVethProperties: null,
      index: null,
    },
  })
) {
  test(`A network interface with ${what} is accepted`, async () => {
    for (const { of } of RESPONDERS) {
      const handler = recordingHandler();
      const { sent } = await handle(
        responderOf(of, handler),
        messageFor(of, { ...MESSAGE, elasticNetworkInterfaces: [eni] }),
      );
      assert.equal(handler.taken.length, 1);
      assert.deepEqual(sent, [ACK]);
    }
  });
}

const { messageId: _messageId, ...withoutMessageId } = MESSAGE;
const { clusterArn: _clusterArn, ...withoutCluster } = MESSAGE;
const { containerInstanceArn: _instanceArn, ...withoutInstance } = MESSAGE;
const { waitTimeoutMs: _waitTimeoutMs, ...withoutTimeout } = MESSAGE;
const { elasticNetworkInterfaces: _interfaces, ...withoutInterfaces } = MESSAGE;

/** Every rule of the message itself, violated. */
const BROKEN_MESSAGES: readonly {
  rule: string;
  error: RegExp;
  messages: AttachTaskNetworkInterfacesMessage[];
}[] = [
  {
    rule: "messageId",
    error: /^messageId is missing or empty$/,
    messages: [withoutMessageId, { ...MESSAGE, messageId: null }, { ...MESSAGE, messageId: "" }],
  },
  {
    rule: "clusterArn",
    error: /^clusterArn is missing or empty$/,
    messages: [withoutCluster, { ...MESSAGE, clusterArn: null }, { ...MESSAGE, clusterArn: "" }],
  },
  {
    rule: "containerInstanceArn",
    error: /^containerInstanceArn is missing or empty$/,
    messages: [
      withoutInstance,
      { ...MESSAGE, containerInstanceArn: null },
      { ...MESSAGE, containerInstanceArn: "" },
    ],
  },
  {
    rule: "a time to wait",
    error: /^waitTimeoutMs is missing or not greater than 0$/,
    messages: [
      withoutTimeout,
      { ...MESSAGE, waitTimeoutMs: null },
      { ...MESSAGE, waitTimeoutMs: 0 },
      { ...MESSAGE, waitTimeoutMs: -1 },
    ],
  },
  {
    rule: "any network interface",
    error: /^there is no network interface$/,
    messages: [
      withoutInterfaces,
      { ...MESSAGE, elasticNetworkInterfaces: null },
      { ...MESSAGE, elasticNetworkInterfaces: [] },
    ],
  },
];

const { macAddress: _mac, ...withoutMac } = ENI;
const { ec2Id: _ec2Id, ...withoutEc2Id } = ENI;
const { ipv4Addresses: _ipv4, ...withoutAddresses } = ENI;
const { subnetGatewayIpv4Address: _gateway4, ...withoutGateway4 } = ENI;
const { subnetGatewayIpv6Address: _gateway6, ...withoutGateway6 } = IPV6_ONLY;
const asVlan = (interfaceVlanProperties: ElasticNetworkInterface["interfaceVlanProperties"]) => ({
  ...ENI,
  interfaceAssociationProtocol: "vlan",
  ...(interfaceVlanProperties === undefined ? {} : { interfaceVlanProperties }),
});

/** Every rule of one network interface, violated. */
const BROKEN_INTERFACES: readonly {
  rule: string;
  error: RegExp;
  interfaces: (ElasticNetworkInterface | null)[];
}[] = [
  { rule: "that is null", error: /^a network interface is null$/, interfaces: [null] },
  {
    rule: "without any address",
    error: /^a network interface has no address$/,
    interfaces: [
      withoutAddresses,
      { ...ENI, ipv4Addresses: null },
      { ...ENI, ipv4Addresses: [] },
      { ...ENI, ipv4Addresses: [], ipv6Addresses: [] },
    ],
  },
  {
    rule: "with IPv4 and no IPv4 gateway",
    error: /^a network interface has no subnetGatewayIpv4Address$/,
    interfaces: [
      withoutGateway4,
      { ...ENI, subnetGatewayIpv4Address: null },
      // The gateway of the other family does not help.
      { ...withoutGateway4, subnetGatewayIpv6Address: "2001:db8::1/64" },
    ],
  },
  {
    rule: "with an IPv4 gateway that is not a/b",
    error: /subnetGatewayIpv4Address is not of the form address\/prefix$/,
    interfaces: ["", "10.0.0.1", "10.0.0.1/24/1"].map((subnetGatewayIpv4Address) => ({
      ...ENI,
      subnetGatewayIpv4Address,
    })),
  },
  {
    rule: "with IPv6 only and no IPv6 gateway",
    error: /^a network interface has no subnetGatewayIpv6Address$/,
    interfaces: [
      withoutGateway6,
      { ...IPV6_ONLY, subnetGatewayIpv6Address: null },
      { ...withoutGateway6, subnetGatewayIpv4Address: "10.0.0.1/24" },
    ],
  },
  {
    rule: "with an IPv6 gateway that is not a/b",
    error: /subnetGatewayIpv6Address is not of the form address\/prefix$/,
    interfaces: ["", "2001:db8::1", "2001:db8::1/64/1"].map((subnetGatewayIpv6Address) => ({
      ...IPV6_ONLY,
      subnetGatewayIpv6Address,
    })),
  },
  {
    rule: "without macAddress",
    error: /^a network interface has no macAddress$/,
    interfaces: [withoutMac, { ...ENI, macAddress: null }],
  },
  {
    rule: "without ec2Id",
    error: /^a network interface has no ec2Id$/,
    interfaces: [withoutEc2Id, { ...ENI, ec2Id: null }],
  },
  {
    rule: "with an association protocol other than default and vlan",
    error: /^a network interface's association protocol is not supported$/,
    interfaces: ["", "tunnel", "veth", "VLAN", "later"].map((interfaceAssociationProtocol) => ({
      ...ENI,
      interfaceAssociationProtocol,
      interfaceVlanProperties: VLAN,
    })),
  },
  {
    rule: "with vlan and an incomplete set of its properties",
    error: /^a vlan network interface lacks vlanId or trunkInterfaceMacAddress$/,
    interfaces: [
      asVlan(undefined),
      asVlan(null),
      asVlan({}),
      asVlan({ vlanId: "7" }),
      asVlan({ trunkInterfaceMacAddress: VLAN.trunkInterfaceMacAddress }),
      asVlan({ ...VLAN, vlanId: "" }),
      asVlan({ ...VLAN, trunkInterfaceMacAddress: null }),
    ],
  },
];

for (const { of } of RESPONDERS) {
  for (const { rule, error, messages } of BROKEN_MESSAGES) {
    test(`Network interfaces for ${of} without ${rule} are not accepted and not acknowledged`, async () => {
      const handler = recordingHandler();
      for (const message of messages) {
        await assertInvalid(responderOf(of, handler), messageFor(of, message), error);
      }
      assert.deepEqual(handler.taken, []);
    });
  }

  for (const { rule, error, interfaces } of BROKEN_INTERFACES) {
    test(`A network interface ${rule} invalidates the whole message for ${of}`, async () => {
      const handler = recordingHandler();
      for (const eni of interfaces) {
        for (const elasticNetworkInterfaces of [[eni], [ENI, eni], [eni, ENI]]) {
          const message = messageFor(of, { ...MESSAGE, elasticNetworkInterfaces });
          await assertInvalid(responderOf(of, handler), message, error);
        }
      }
      assert.deepEqual(handler.taken, []);
    });
  }
}

test("Network interfaces for a task without taskArn are not accepted; those for the instance need none", async () => {
  const handler = recordingHandler();
  const { taskArn: _left, ...withoutTask } = MESSAGE;
  const broken = [withoutTask, { ...MESSAGE, taskArn: null }, { ...MESSAGE, taskArn: "" }];
  for (const message of broken) {
    await assertInvalid(
      attachTaskEniResponder(handler),
      message,
      /^taskArn is missing or empty$/,
    );
  }
  assert.deepEqual(handler.taken, []);
  const context = recordingContext();
  await attachInstanceEniResponder(handler).handleMessage(withoutTask, context);
  assert.deepEqual(context.sent, [ACK]);
});

test("A network interface without an attachment ARN is accepted with an empty one", async () => {
  const handler = recordingHandler();
  const { attachmentArn: _left, ...eni } = ENI;
  await handle(attachTaskEniResponder(handler), { ...MESSAGE, elasticNetworkInterfaces: [eni] });
  assert.deepEqual(handler.taken.map(({ attachmentArn }) => attachmentArn), [""]);
});
