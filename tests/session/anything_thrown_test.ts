/**
 * Whatever a callback throws, rejects with or returns, the session keeps running, answers
 * heartbeats, handles the messages of other lanes, and stops.
 */

import assert from "node:assert/strict";
import { Doctor } from "../../responders/doctor.ts";
import type { SessionEventMap } from "../../session/reporting/events.ts";
import type { SessionOptions } from "../../session/options.ts";
import type { TransportConnection, TransportListener } from "../../wsclient/transport.ts";
import { turns, until } from "../testing/fakes/fake_time.ts";
import type { MemoryConnection } from "../testing/fakes/memory_transport.ts";
import {
  ARNS,
  CREDENTIALS,
  type SessionStage,
  withSession,
} from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";
import { oddResults, THROWN_VALUES, type Way, WAYS } from "../testing/hostile/thrown_values.ts";

/**
 * A callback that misbehaves differently on each call. Typed as `any` value, since no type would
 * allow it.
 */
type Odd = <T>() => T;

/** One of the callbacks that a user passes to a session. */
interface Callback {
  readonly name: string;
  /** The misbehaviors to try. Default: all of them. */
  readonly ways?: readonly Way[];
  /** The options that contain the callback. */
  options?(odd: Odd): Partial<SessionOptions>;
  /** Whether it is called only while the peer keeps the connection open. */
  readonly staysOpen?: boolean;
  /** Passes it to a session that has not started. */
  prepare?(stage: SessionStage, odd: Odd): void;
}

/** For values that are not called, or whose promise nothing could await. */
const AT_ONCE = WAYS.filter(({ name }) => name === "throws" || name === "returns");

/** A callback that is triggered by messages. */
interface MessageCallback extends Callback {
  /** Sends a message that triggers it. */
  send(connection: MemoryConnection, number: number): void;
}

function oddOf(results: Iterator<() => unknown>): Odd {
  return () => {
    const { value } = results.next();
    return Reflect.apply(value ?? (() => undefined), undefined, []);
  };
}

const payload = (number: number) => ({
  ...ARNS,
  messageId: `payload-${number}`,
  seqNum: number + 1,
  tasks: [{
    arn: `task-${number}`,
    desiredStatus: "STOPPED",
    roleCredentials: { credentialsId: `role-${number}`, secretAccessKey: "a key that is secret" },
  }],
});

const sendPayload = (connection: MemoryConnection, number: number) =>
  connection.message("PayloadMessage", payload(number));

const sendManifest = (connection: MemoryConnection, number: number) =>
  connection.message("TaskManifestMessage", {
    ...ARNS,
    messageId: `manifest-${number}`,
    timeline: number + 1,
    tasks: [],
  });

const sendVerification = (connection: MemoryConnection, number: number) =>
  connection.message("TaskStopVerificationAck", {
    messageId: "awaited",
    stopTasks: [{ taskArn: `task-${number}` }, { taskArn: "another" }],
  });

const sendCredentials = (roleType: string) => (connection: MemoryConnection, number: number) =>
  connection.message("IAMRoleCredentialsMessage", {
    messageId: `credentials-${number}`,
    taskArn: `task-${number}`,
    roleType,
    roleCredentials: { credentialsId: `role-${number}`, secretAccessKey: "a key that is secret" },
  });

const sendEni = (connection: MemoryConnection, number: number) =>
  connection.message("AttachTaskNetworkInterfacesMessage", {
    ...ARNS,
    messageId: `eni-${number}`,
    taskArn: `task-${number}`,
    waitTimeoutMs: 1000,
    elasticNetworkInterfaces: [{
      attachmentArn: `attachment-${number}`,
      ec2Id: "eni-1",
      macAddress: "02:00:00:00:00:01",
      ipv4Addresses: [{ privateAddress: "10.0.0.1" }],
      subnetGatewayIpv4Address: "10.0.0.1/24",
    }],
  });

const sendResource = (connection: MemoryConnection, number: number) =>
  connection.message("ConfirmAttachmentMessage", {
    ...ARNS,
    messageId: `resource-${number}`,
    waitTimeoutMs: 1000,
    attachment: {
      attachmentArn: `arn:aws:ecs:us-west-2:123456789012:attachment/${number}`,
      attachmentType: "amazonebs",
      attachmentProperties: [
        "volumeId",
        "volumeSizeGib",
        "deviceName",
        "sourceVolumeHostPath",
        "volumeName",
      ].map((name) => ({ name, value: "x" })),
    },
  });

const sendUpdate = (type: string) => (connection: MemoryConnection, number: number) =>
  connection.message(type, { ...ARNS, messageId: `update-${number}` });

const sendNothing = () => {};

const awaited = { getMessageId: () => "awaited", setMessageId: () => {} };

const credentialsManager = {
  setTaskCredentials: () => {},
  getTaskCredentials: () => undefined,
  removeCredentials: () => {},
  addKnownCredentialsId: () => {},
  isCredentialsPending: () => false,
};

/** A custom doctor: not a subclass, as JavaScript allows. */
function doctorWith(odd: Odd, method: "runHealthchecks" | "hasHealthchecks"): Doctor {
  const doctor = new Doctor([{ type: "check", runCheck: () => true }]);
  return Object.defineProperty(
    doctor,
    method,
    method === "runHealthchecks" ? { value: odd } : { get: odd },
  );
}

const MESSAGE_CALLBACKS: readonly MessageCallback[] = [
  {
    name: "processMessage",
    options: (odd) => ({ payloadMessageHandler: { processMessage: odd } }),
    send: sendPayload,
  },
  {
    name: "processMessage of handlers",
    options: (odd) => ({ handlers: { processMessage: odd } }),
    send: sendPayload,
  },
  {
    name: "processMessage, after it has acknowledged",
    options: (odd) => ({
      payloadMessageHandler: {
        processMessage(_message, ack) {
          void ack();
          return odd();
        },
      },
    }),
    send: sendPayload,
  },
  {
    name: "the argument of ack",
    ways: AT_ONCE,
    options: (odd) => ({
      payloadMessageHandler: { processMessage: async (_message, ack) => await ack(odd()) },
    }),
    send: sendPayload,
  },
  {
    name: "an entry of ack's argument",
    ways: AT_ONCE,
    options: (odd) => ({
      payloadMessageHandler: { processMessage: async (_message, ack) => await ack([odd(), odd()]) },
    }),
    send: sendPayload,
  },
  ...(["setTaskCredentials", "getTaskCredentials", "removeTaskCredentials"] as const).map((
    method,
  ) => ({
    name: `${method}, for a payload`,
    options: (odd: Odd): Partial<SessionOptions> => ({
      credentialsManager: { ...credentialsManager, [method]: odd },
      payloadMessageHandler: { processMessage: (_message, ack) => ack() },
    }),
    send: sendPayload,
  })),
  {
    name: "setTaskCredentials, for fresh credentials",
    options: (odd) => ({
      credentialsManager: { ...credentialsManager, setTaskCredentials: odd },
    }),
    send: sendCredentials("TaskApplication"),
  },
  {
    name: "setTaskRoleCredentialsMetadata",
    options: (odd) => ({
      credentialsManager,
      credentialsMetadataSetter: { setTaskRoleCredentialsMetadata: odd },
    }),
    send: sendCredentials("TaskApplication"),
  },
  {
    name: "setExecRoleCredentialsMetadata",
    options: (odd) => ({
      credentialsManager,
      credentialsMetadataSetter: { setExecRoleCredentialsMetadata: odd },
    }),
    send: sendCredentials("TaskExecution"),
  },
  {
    name: "handleEniAttachment",
    options: (odd) => ({ eniHandler: { handleEniAttachment: odd } }),
    send: sendEni,
  },
  {
    name: "handleResourceAttachment",
    options: (odd) => ({ resourceHandler: { handleResourceAttachment: odd } }),
    send: sendResource,
  },
  {
    name: "compareRunningTasksOnInstanceWithManifest",
    options: (odd) => ({ taskComparer: { compareRunningTasksOnInstanceWithManifest: odd } }),
    send: sendManifest,
  },
  {
    name: "a task that compareRunningTasksOnInstanceWithManifest returns",
    ways: AT_ONCE,
    options: (odd) => ({
      taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [odd(), odd()] },
    }),
    send: sendManifest,
  },
  {
    name: "stopTask",
    options: (odd) => ({ taskStopper: { stopTask: odd }, manifestMessageIdAccessor: awaited }),
    send: sendVerification,
  },
  ...(["getLatestSequenceNumber", "setLatestSequenceNumber"] as const).flatMap((method) => [
    {
      name: `${method}, for a payload`,
      options: (odd: Odd): Partial<SessionOptions> => ({
        payloadMessageHandler: { processMessage: (_message, ack) => ack() },
        sequenceNumberAccessor: {
          getLatestSequenceNumber: () => 0,
          setLatestSequenceNumber: () => {},
          [method]: odd,
        },
      }),
      send: sendPayload,
    },
    {
      name: `${method}, for a manifest`,
      options: (odd: Odd): Partial<SessionOptions> => ({
        taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [] },
        sequenceNumberAccessor: {
          getLatestSequenceNumber: () => 0,
          setLatestSequenceNumber: () => {},
          [method]: odd,
        },
      }),
      send: sendManifest,
    },
  ]),
  {
    name: "getMessageId",
    options: (odd) => ({
      taskStopper: { stopTask: () => {} },
      manifestMessageIdAccessor: { ...awaited, getMessageId: odd },
    }),
    send: sendVerification,
  },
  {
    name: "setMessageId, for a manifest",
    options: (odd) => ({
      taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [] },
      manifestMessageIdAccessor: { ...awaited, setMessageId: odd },
    }),
    send: sendManifest,
  },
  {
    name: "setMessageId, for a verification",
    options: (odd) => ({
      taskStopper: { stopTask: () => {} },
      manifestMessageIdAccessor: { ...awaited, setMessageId: odd },
    }),
    send: sendVerification,
  },
  ...(["stageUpdate", "performUpdate"] as const).map((method) => ({
    name: method,
    options: (odd: Odd): Partial<SessionOptions> => ({
      updateHandler: { stageUpdate: () => {}, performUpdate: () => {}, [method]: odd },
    }),
    send: sendUpdate(method === "stageUpdate" ? "StageUpdateMessage" : "PerformUpdateMessage"),
  })),
  {
    name: "the argument of nack",
    ways: AT_ONCE,
    options: (odd) => ({
      updateHandler: {
        stageUpdate: (_message, { nack }) => nack(odd()),
        performUpdate: () => {},
      },
    }),
    send: sendUpdate("StageUpdateMessage"),
  },
  {
    name: "runCheck",
    options: (odd) => ({ doctor: new Doctor([{ type: "check", runCheck: odd }]) }),
    send: sendNothing,
  },
  {
    name: "runHealthchecks of a custom doctor",
    options: (odd) => ({ doctor: doctorWith(odd, "runHealthchecks") }),
    send: sendNothing,
  },
  {
    name: "hasHealthchecks of a custom doctor",
    ways: AT_ONCE,
    options: (odd) => ({ doctor: doctorWith(odd, "hasHealthchecks") }),
    send: sendNothing,
  },
  {
    name: "handleMessage of a custom responder",
    prepare: ({ session }, odd) =>
      session.addResponder({ name: "own", messageType: "CloseMessage", handleMessage: odd }),
    send: (connection) => connection.message("CloseMessage", { message: "soon" }),
  },
  {
    name: "the name of a custom responder",
    ways: AT_ONCE,
    prepare: ({ session }, odd) =>
      session.addResponder({
        get name(): string {
          return odd();
        },
        messageType: "CloseMessage",
        handleMessage() {
          throw new Error("look at my name");
        },
      }),
    send: (connection) => connection.message("CloseMessage", { message: "soon" }),
  },
  {
    name: "background work of a custom responder",
    prepare: ({ session }, odd) =>
      session.addResponder({
        name: "own",
        messageType: "CloseMessage",
        handleMessage: (_message, { background }) => background(odd),
      }),
    send: (connection) => connection.message("CloseMessage", { message: "soon" }),
  },
  {
    name: "what a custom responder sends",
    ways: AT_ONCE,
    prepare: ({ session }, odd) =>
      session.addResponder({
        name: "own",
        messageType: "CloseMessage",
        handleMessage(_message, { respond }) {
          respond("AckRequest", odd());
          respond("AckRequest", { messageId: odd() });
          respond(odd<"AckRequest">(), { messageId: "m" });
        },
      }),
    send: (connection) => connection.message("CloseMessage", { message: "soon" }),
  },
  ...(["received", "sent", "dropped"] as const).map((type) => ({
    name: `a listener to ${type}`,
    prepare: ({ session }: SessionStage, odd: Odd) => session.addEventListener(type, odd),
    send: (connection: MemoryConnection) => connection.frame("not JSON"),
  })),
];

/** Asserts that a heartbeat is answered on a connection. */
async function assertAnswers(connection: MemoryConnection, messageId: string): Promise<void> {
  connection.message("HeartbeatMessage", { messageId });
  const answer = JSON.stringify({ type: "HeartbeatAckRequest", message: { messageId } });
  await until(() => connection.sent.splice(0).includes(answer), `${messageId} is answered`);
}

for (const { name, ways, options, prepare, send } of MESSAGE_CALLBACKS) {
  test(`Whatever goes wrong in ${name}, heartbeats are answered and other lanes continue`, () => {
    const results = [...oddResults(ways)];
    const odd = oddOf(results.values());
    const updates: unknown[] = [];
    return withSession({
      updateHandler: {
        stageUpdate: ({ messageId }) => void updates.push(messageId),
        performUpdate: ({ messageId }) => void updates.push(messageId),
      },
      ...options?.(odd),
    }, async (stage) => {
      prepare?.(stage, odd);
      stage.start();
      const connection = await stage.connected();
      for (let number = 0; number < results.length; number++) {
        send(connection, number);
        await assertAnswers(connection, `heartbeat-${number}`);
        await turns(1);
      }
      const { lanes, background } = stage.session.health();
      await stage.time.advance(1000);
      const waiting = lanes.filter(({ depth }) => depth > 0).map(({ name }) => name);
      assert.deepEqual(waiting, [], "no lane is held");
      assert.ok(background.count <= 1, `${background.count} background jobs`);
      assert.equal(stage.transport.connections.length, 1);
      assert.equal(stage.eventsOf("connectfailed").length, 0);
      assert.equal(await stage.stop(), undefined);
      assert.equal(stage.time.pendingTimers(), 0, "no timer is left behind");
    });
  });
}

/** Opens a connection of a custom transport. */
function connectionWith(
  connection: MemoryConnection,
  method: "listen" | "send" | "close" | "bufferedAmount",
  odd: Odd,
): TransportConnection {
  const descriptor = method === "bufferedAmount" ? { get: odd } : { value: odd };
  return Object.defineProperty(connection, method, descriptor);
}

/** Alters the session's connections. */
function wrapConnections(
  { transport }: SessionStage,
  wrap: (connection: MemoryConnection) => TransportConnection,
): void {
  const connect = transport.connect.bind(transport);
  transport.connect = async (request) => {
    const connection = await connect(request);
    return wrap(transport.connections.at(-1) ?? Object(connection));
  };
}

/** A valid response except for one field. */
function responseWith(field: keyof Response, odd: Odd): Response {
  // If the length is known, the session reads `text()` rather than the body.
  const headers: HeadersInit = field === "text" ? { "content-length": "2" } : {};
  const response = new Response("{}", { status: 500, headers });
  return Object.defineProperty(response, field, { get: odd });
}

/** A connection that violates the listener's contract. */
function callListener(call: (listener: TransportListener) => void) {
  return (connection: MemoryConnection): TransportConnection => {
    const listen = connection.listen.bind(connection);
    connection.listen = (listener) => {
      listen(listener);
      call(listener);
    };
    return connection;
  };
}

const EVENTS: readonly (keyof SessionEventMap)[] = [
  "statechange",
  "discovered",
  "connecting",
  "connected",
  "connectfailed",
  "disconnected",
  "waiting",
];

/** The callbacks that connecting and disconnecting trigger. */
const CONNECTION_CALLBACKS: readonly Callback[] = [
  { name: "the credentials function", options: (odd) => ({ credentials: odd }) },
  ...(["accessKeyId", "secretAccessKey", "sessionToken", "expiration"] as const).map((field) => ({
    name: `${field} of what the credentials function returns`,
    options: (odd: Odd): Partial<SessionOptions> => ({
      credentials: () => Object.defineProperty({ ...CREDENTIALS }, field, { get: odd }),
    }),
  })),
  { name: "fetch", options: (odd) => ({ fetch: odd }) },
  ...(["status", "headers", "body", "text"] as const).map((field) => ({
    name: `${field} of what fetch returns`,
    options: (odd: Odd): Partial<SessionOptions> => ({
      fetch: () => Promise.resolve(responseWith(field, odd)),
    }),
  })),
  { name: "connect of a transport", options: (odd) => ({ transport: { connect: odd } }) },
  ...(["listen", "send", "close", "bufferedAmount"] as const).map((method) => ({
    name: `${method} of a connection`,
    staysOpen: method === "close" || method === "bufferedAmount",
    prepare: (stage: SessionStage, odd: Odd) =>
      wrapConnections(stage, (connection) => connectionWith(connection, method, odd)),
  })),
  {
    name: "a frame of a transport",
    prepare: (stage, odd) => wrapConnections(stage, callListener(({ message }) => message(odd()))),
  },
  {
    name: "an end of a transport",
    prepare: (stage, odd) => wrapConnections(stage, callListener(({ end }) => end(odd()))),
  },
  ...["kind", "code", "reason", "error"].map((field) => ({
    name: `the ${field} of an end of a transport`,
    prepare: (stage: SessionStage, odd: Odd) =>
      wrapConnections(
        stage,
        callListener(({ end }) => {
          const ends = { kind: field === "error" ? "error" : "close", code: 4000, reason: "" };
          end(Object.defineProperty(Object(ends), field, { get: odd }));
        }),
      ),
  })),
  { name: "random", options: (odd) => ({ random: odd }) },
  ...EVENTS.map((type) => ({
    name: `a listener to ${type}`,
    prepare({ session, ecs }: SessionStage, odd: Odd) {
      session.addEventListener(type, odd);
      if (type === "connectfailed") ecs.answers = [() => new Response("no", { status: 500 })];
    },
  })),
];

/** Far more steps than one attempt takes. */
const MAX_STEPS = 500;

/**
 * Lets the peer answer and end each connection, and advances time, until a callback has been
 * called.
 */
async function driveUntil(
  isDone: () => boolean,
  { session, time, transport }: SessionStage,
  staysOpen: boolean,
): Promise<void> {
  const isAt = (status: string) => session.state.status === status;
  let ended: MemoryConnection | undefined;
  for (let step = 0; !isDone(); step++) {
    assert.ok(step < MAX_STEPS, "it is called again");
    await until(
      () => isDone() || isAt("waiting") || isAt("connected"),
      "the session waits for the test",
    );
    const connection = transport.connections.at(-1);
    const isNew = isAt("connected") && connection?.isServed && connection !== ended;
    if (isNew) connection.message("HeartbeatMessage", { messageId: "h" });
    if (isNew && !staysOpen) {
      ended = connection;
      connection.end({ kind: "eof" });
    } else if (isAt("waiting") || connection !== ended) await time.advance(40_000);
    await turns(1);
  }
}

for (const { name, options, prepare, staysOpen = false } of CONNECTION_CALLBACKS) {
  test(`Whatever goes wrong in ${name}, the session tries again, and stops when asked to`, () => {
    const results = [...oddResults(AT_ONCE)];
    let used = 0;
    const values = results.values();
    const odd = oddOf({
      next() {
        used += 1;
        return values.next();
      },
    });
    return withSession({
      timing: {
        endpointCacheTtlMs: 0,
        backoffMaxMs: 1000,
        connectionLifetimeMs: 60_000,
        connectionLifetimeJitterMs: 0,
      },
      ...options?.(odd),
    }, async (stage) => {
      prepare?.(stage, odd);
      stage.start();
      while (used < results.length) {
        const before = used;
        await driveUntil(() => used > before, stage, staysOpen);
      }
      // A pending signature could not be cancelled.
      const { session } = stage;
      await until(() => /waiting|connected/.test(session.state.status), "nothing is being signed");
      assert.equal(await stage.stop(), undefined);
      assert.equal(stage.session.state.status, "stopped");
      assert.equal(stage.time.pendingTimers(), 0, "no timer is left behind");
    });
  });
}

test("Whatever goes wrong in inactiveInstanceCallback, the session tries again after an hour", () => {
  const results = [...oddResults()];
  const odd = oddOf(results.values());
  let calls = 0;
  return withSession({
    inactiveInstanceCallback() {
      calls += 1;
      return odd();
    },
  }, async (stage) => {
    stage.ecs.answers = [
      () => Response.json({ __type: "InactiveInstanceException" }, { status: 400 }),
    ];
    stage.start();
    for (let call = 1; call <= results.length; call++) {
      await until(() => calls === call, `call ${call}`);
      await stage.time.advance(3_600_000);
    }
    assert.equal(await stage.stop(), undefined);
    assert.equal(stage.time.pendingTimers(), 0);
  });
});

for (const when of ["before it starts", "while it is connected", "while it waits"]) {
  test(`A session stops, whatever the abort reason of its signal, ${when}`, async () => {
    for (const { name, make } of THROWN_VALUES) {
      await withSession({}, async (stage) => {
        if (when === "while it waits") {
          stage.ecs.answers = [() => new Response("no", { status: 500 })];
        }
        stage.start();
        if (when === "while it is connected") await stage.connected();
        if (when === "while it waits") await stage.waited(1);
        assert.equal(await stage.stop(make()), undefined, name);
        assert.equal(typeof stage.eventsOf("stopped")[0]?.reason, "string");
        assert.equal(stage.time.pendingTimers(), 0, name);
      });
    }
  });
}
