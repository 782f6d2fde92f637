/**
 * Over real sockets: none of the secrets is reported if a service echoes what it was sent, as HTTP,
 * as something that is not HTTP, and in invalid frames. Nor does an emulator report any secret of
 * its traffic.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  AcsEmulator,
  type EmulatorEventType,
  type EmulatorOptions,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { Session } from "../../session/session.ts";
import type { SessionEventMap } from "../../session/reporting/events.ts";
import { call } from "../emulator/control_client.ts";
import { TestAgent } from "../emulator/test_agent.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import {
  assertNoSecretIn,
  credentialsWithSecrets,
  INSTANCE_KEYS,
  payloadWithSecrets,
  print,
  printRecord,
} from "../testing/hostile/planted_secrets.ts";
import {
  encodeClose,
  encodeFrame,
  OPCODE,
  type RawConnection,
  startRawPeer,
} from "../testing/sockets/raw_peer.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";
import { SUBJECTS } from "./transports_under_test.ts";

/** Everything that was sent to a peer, in the forms in which it may echo it. */
async function echoOf(connection: RawConnection): Promise<string> {
  const { line, headers } = await connection.readRequest();
  const all = `${line} ${JSON.stringify({ ...headers, ...INSTANCE_KEYS })}`;
  return `${all} ${Buffer.from(all).toString("base64")} ${encodeURIComponent(all)}`;
}

/** How a peer that echoes what it was sent fails, before and after the upgrade. */
const ECHOES: readonly ((connection: RawConnection, echo: string) => unknown)[] = [
  (connection, echo) => connection.refuse(403, echo),
  (connection, echo) => connection.refuse(502, echo, [`X-Amzn-ErrorType: ${echo.slice(0, 2000)}`]),
  (connection, echo) =>
    connection.refuse(301, "", [`Location: http://127.0.0.1:1/${encodeURIComponent(echo)}`]),
  (connection, echo) => connection.socket.end(echo),
  (connection, echo) => connection.socket.end(`HTTP/1.1 ${echo}\r\n\r\n`),
  (connection, echo) => connection.socket.end(`HTTP/1.1 403 ${echo}\r\n${echo}\r\n\r\n`),
  (connection, echo) =>
    connection.socket.end(
      `HTTP/1.1 101 OK\r\nUpgrade: ${echo}\r\nConnection: Upgrade\r\n\r\n`,
    ),
  async (connection, echo) => {
    await connection.accept();
    connection.sendText(JSON.stringify({ type: "ErrorMessage", message: { message: echo } }));
    connection.write(encodeClose(1008, echo.slice(0, 120)));
    connection.end();
  },
  async (connection, echo) => {
    await connection.accept();
    connection.write(encodeFrame(OPCODE.text, echo));
    connection.write(encodeFrame(0x3, echo, { reserved: 7 }));
    connection.end();
  },
  async (connection, echo) => {
    await connection.accept();
    connection.write(echo);
    connection.end();
  },
];

for (const subject of SUBJECTS) {
  test(
    `A peer that echoes what it was sent, over ${subject.name}, reveals no secret`,
    () =>
      withCapturedLog(async (log) => {
        const seen: string[] = [];
        const reported: unknown[] = [];
        const forEcs = [...ECHOES];
        let attempts = 0;
        const done = Promise.withResolvers<void>();
        // ECS and ACS are the same peer here.
        const peer = await startRawPeer(async (connection) => {
          const { line, headers } = await connection.readRequest();
          seen.push(headers["authorization"] ?? "");
          const isEcs = line.startsWith("POST");
          const echo = isEcs ? forEcs.shift() : ECHOES[attempts];
          if (echo !== undefined) {
            await echo(connection, await echoOf(connection));
          } else if (isEcs) {
            const body = JSON.stringify({ endpoint: peer.url.replace("ws:", "http:") });
            await connection.refuse(200, body, ["Content-Type: application/json"]);
          } else {
            done.resolve();
            connection.end();
          }
          await connection.ended;
        });
        const session = new Session({
          region: "us-west-2",
          containerInstanceArn: CONTAINER_INSTANCE_ARN,
          credentials: INSTANCE_KEYS,
          agentVersion: "1.0.0",
          endpoint: peer.url.replace("ws:", "http:"),
          transport: subject.create().transport,
          timing: { backoffMinMs: 1, backoffMaxMs: 2, endpointCacheTtlMs: 0, closeTimeoutMs: 1 },
        });
        for (const type of ["connectfailed", "disconnected", "dropped", "waiting"] as const) {
          session.addEventListener(
            type,
            ({ detail }: CustomEvent<SessionEventMap[typeof type]>) => {
              reported.push(detail);
              // A runtime may send more than one request per attempt: it gets the same answer.
              const isFailed = "stage" in detail && detail.stage === "connect";
              if (type === "disconnected" || isFailed) attempts += 1;
            },
          );
        }
        const running = session.start();
        try {
          await done.promise;
        } finally {
          await session.stop();
          await running;
          await peer.close();
        }
        assert.ok(reported.length > 2 * ECHOES.length);
        const text = [...reported.map(print), ...log.records.map(printRecord)].join("\n");
        for (const authorization of seen) {
          const signature = authorization.match(/Signature=(\w+)/)?.[1];
          assertNoSecretIn(text, { authorization: authorization || undefined, signature });
        }
      }),
    { leavesSocket: true },
  );
}

test("An emulator reveals no secret in events, its transcript, its control plane and its connections", async () => {
  const options: EmulatorOptions = {
    credentials: INSTANCE_KEYS,
    heartbeatIntervalMs: 0,
    controlToken: "planted-control-token",
  };
  await using emulator = await AcsEmulator.listen(options);
  const reported: string[] = [];
  const types: readonly EmulatorEventType[] = [
    ...["connected", "disconnected", "discovered", "fault", "problem", "received"] as const,
    ...["refused", "sent"] as const,
  ];
  for (const type of types) {
    emulator.addEventListener(type, ({ detail }) => reported.push(print(detail)));
  }
  const agent = await TestAgent.connect(emulator, { credentials: INSTANCE_KEYS });
  const payload = payloadWithSecrets({ containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN });
  emulator.sendPayload(payload);
  emulator.sendCredentials(credentialsWithSecrets());
  emulator.sendRaw(JSON.stringify({ type: "PayloadMessage", message: payload }));
  await agent.waitForTexts(3);
  for (const type of ["AckRequest", "NackRequest", "TaskStopVerificationMessage", "Unheard"]) {
    agent.send(type, payload);
    agent.send(type, { ...payload, messageId: 5 });
    agent.sendRaw(JSON.stringify({ type, message: JSON.stringify(payload) }));
    agent.sendRaw(JSON.stringify({ type, message: payload }).slice(0, -2));
  }
  const problems = emulator.waitFor("disconnected");
  await TestAgent.connect(emulator, {
    credentials: { ...INSTANCE_KEYS, secretAccessKey: "another" },
  }).catch(() => {});
  const wrongToken = { ...INSTANCE_KEYS, sessionToken: "another planted token" };
  await TestAgent.connect(emulator, { credentials: wrongToken }).catch(() => {});
  const headers = { authorization: "Bearer planted-control-token" };
  const index = await call(emulator, "/emulator/", { headers });
  for (const operation of Object.values(index.body["operations"] ?? [])) {
    const { method, path } = Object(operation);
    const body = method === "POST" ? { body: payload } : {};
    reported.push((await call(emulator, String(path), { ...body, headers })).text);
  }
  reported.push(
    (await call(emulator, "/emulator/transcript", { headers: { authorization: "x" } })).text,
  );
  await agent.leave();
  await problems;
  reported.push(print(emulator), print(emulator.connections), print(emulator.transcript));
  assert.ok(reported.length > 20);
  const more = { token: "planted-control-token", other: wrongToken.sessionToken };
  assertNoSecretIn(reported.join("\n"), more);
});
