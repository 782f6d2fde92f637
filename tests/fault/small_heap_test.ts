/**
 * A session limits the bytes of everything that it holds: with a heap of 256 MB it survives
 * whatever a peer sends and handlers leave unfinished, and answers heartbeats meanwhile.
 * docs/reliability.md lists the limits.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startProgram } from "../testing/programs/acs_command.ts";
import { COSTLY_MESSAGES, type CostlyMessage } from "../testing/hostile/costly_messages.ts";
import { nestedJson, PARSED_SHAPES } from "../testing/hostile/parsed_shapes.ts";
import { OPCODE, type RawConnection, startRawPeer } from "../testing/sockets/raw_peer.ts";
import { ARNS } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";
import type { HeartbeatReport } from "./small_heap_child.ts";

const CHILD = fileURLToPath(new URL("./small_heap_child.ts", import.meta.url));

const HEAP_MB = 256;

/**
 * The processor time that the frames before a heartbeat may take, in ms, on an otherwise idle
 * machine. Garbage collection on other threads counts, too.
 */
const MAX_PROCESSOR_MS = 2_000;

/** The heap, and as much again for the sockets' buffers and the runtime. */
const MAX_RESIDENT_BYTES = 2 * HEAP_MB * 1024 * 1024;

const MIB = 1024 * 1024;

/** A message with an unknown field, in addition to the fields that make it acceptable. */
function withUnknownField(type: string, known: object, unknown: string): string {
  return `{"type":"${type}","message":{${JSON.stringify({ ...ARNS, ...known }).slice(1, -1)},` +
    `"future":${unknown}}}`;
}

const ENI = {
  macAddress: "02:00:00:00:00:01",
  ec2Id: "eni-1",
  ipv4Addresses: [{ primary: true, privateAddress: "10.0.0.5" }],
  subnetGatewayIpv4Address: "10.0.0.1/24",
};

/** Payloads that occupy as much memory as possible once they are parsed. */
const PARSED_PAYLOADS: readonly CostlyMessage[] = PARSED_SHAPES.map(({ name, make }) => ({
  name,
  type: "PayloadMessage",
  make: (size, messageId) => withUnknownField("PayloadMessage", { messageId }, make(size)),
}));

const nested = (size: number) => nestedJson('{"34":', "}", size);

/** Messages that a session keeps for longer, each as large as possible and with its own id. */
const KEPT: readonly CostlyMessage[] = [
  {
    name: "nested payloads",
    type: "PayloadMessage",
    make: (size, messageId) => withUnknownField("PayloadMessage", { messageId }, nested(size)),
  },
  {
    name: "nested credentials",
    type: "IAMRoleCredentialsMessage",
    make: (size, messageId) =>
      `{"type":"IAMRoleCredentialsMessage","message":{"messageId":"${messageId}","taskArn":"task-` +
      `${messageId}","roleType":"TaskApplication","roleCredentials":{"credentialsId":"${messageId}",` +
      `"expiration":"2999-01-01T00:00:00Z","future":${nested(size)}}}}`,
  },
  {
    name: "nested network interfaces",
    type: "AttachInstanceNetworkInterfacesMessage",
    make: (size, messageId) =>
      withUnknownField("AttachInstanceNetworkInterfacesMessage", {
        messageId,
        waitTimeoutMs: 300_000,
        elasticNetworkInterfaces: [{ ...ENI, attachmentArn: messageId }],
      }, nested(size)),
  },
  ...COSTLY_MESSAGES.filter(({ name }) => / of megabytes$/.test(name)),
];

/** Frames, each with its name and its own id. */
function* hostileFrames(): Iterable<{ readonly name: string; readonly frame: string }> {
  let id = 0;
  const make = ({ name, make }: CostlyMessage, size: number) => ({
    name,
    frame: make(size, `id-${++id}`),
  });
  for (const message of [...COSTLY_MESSAGES, ...PARSED_PAYLOADS]) yield make(message, MIB / 4);
  // The estimate of the first ones is too much for the session; the others are parsed.
  for (const message of PARSED_PAYLOADS) yield make(message, 1.5 * MIB);
  for (const message of KEPT) {
    for (let count = 0; count < 24; count++) yield make(message, 400_000);
  }
  for (const message of KEPT) yield make(message, 3.9 * MIB);
  for (const message of KEPT.slice(0, 3)) {
    for (let count = 0; count < 1_500; count++) yield make(message, 2_000);
  }
}

const heartbeat = (messageId: string) =>
  JSON.stringify({ type: "HeartbeatMessage", message: { messageId } });

/** Reads until a heartbeat is answered. */
async function readAnswer(connection: RawConnection, id: string): Promise<void> {
  for (;;) {
    const { opcode, payload } = await connection.readFrame();
    if (opcode === OPCODE.close) return connection.end();
    if (opcode !== OPCODE.text || payload.length > 1000) continue;
    const { type, message } = JSON.parse(payload.toString());
    if (type === "HeartbeatAckRequest" && message.messageId === id) return;
  }
}

/** A heartbeat after this many characters of frames. */
const BATCH_SIZE = MIB / 2;

for (const handlers of ["finish", "never settle", "fail and quote it"]) {
  test(`A session with a heap of ${HEAP_MB} MB whose handlers ${handlers} survives whatever is sent, and answers heartbeats`, async () => {
    const frames = hostileFrames()[Symbol.iterator]();
    let batches = 0;
    const peer = await startRawPeer(async (connection) => {
      await connection.accept();
      let size = 0;
      for (let next = frames.next(); !next.done; next = frames.next()) {
        const { name, frame } = next.value;
        connection.sendText(frame);
        size += frame.length;
        if (size < BATCH_SIZE) continue;
        size = 0;
        const id = `${++batches} ${name}`;
        connection.sendText(heartbeat(id));
        await readAnswer(connection, id);
      }
      connection.sendText(heartbeat("stop"));
      await readAnswer(connection, "never");
    });
    const child = startProgram(CHILD, [peer.url, handlers], {}, HEAP_MB);
    const { code, stdout, stderr } = await child.ended;
    await peer.close();
    const lines = stdout.trim().split("\n");
    assert.equal(code, 0, `after ${lines.at(-1)}: ${stderr.slice(0, 500)}`);
    const reports: HeartbeatReport[] = lines.map((line) => JSON.parse(line));
    assert.ok(reports.length >= 100, String(reports.length));
    for (const { id, processorMs, residentBytes } of reports) {
      assert.ok(processorMs <= MAX_PROCESSOR_MS, `${id}: ${processorMs} ms`);
      assert.ok(residentBytes <= MAX_RESIDENT_BYTES, `${id}: ${residentBytes} bytes`);
    }
  });
}
