/** ACS, or a server in between, does not answer the upgrade correctly. */

import assert from "node:assert/strict";
import { SERVICE_EXCEPTION_NAMES } from "../../../protocol/exceptions.ts";
import { until } from "../../testing/fakes/fake_time.ts";
import type { RawConnection } from "../../testing/sockets/raw_peer.ts";
import { ON_DENO } from "../transports_under_test.ts";
import { test } from "../../testing/test.ts";
import {
  BACKOFF,
  type Expected,
  matrix,
  recovered,
  type Row,
  withBrokenService,
} from "./fault_row.ts";
import type { Behavior } from "./broken_service.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

const TIMED_OUT = {
  stage: "connect",
  name: "ConnectError",
  code: "ACS-N03",
  systemCode: "ETIMEDOUT",
  message: /the upgrade( of 127\.0\.0\.1:\d+ did not finish)? in 30000 ms/,
  retryable: true,
} as const;

/** Answers with a status, as a server other than ACS does. */
function refusal(status: number, body = "", headers: (elsewhere: string) => string[] = () => []) {
  const acs: Behavior = async (connection, service) => {
    await connection.refuse(status, body, headers(service.url));
  };
  // A proxy's page could echo the credentials that it received.
  const quoted = status === 407 ? "a proxy demands a login" : body;
  const failed: Row["failed"] = {
    stage: "connect",
    name: "UpgradeRefusedError",
    status,
    code: codeOfStatus(status),
    host: /^127\.0\.0\.1:\d+$/,
    message: quoted === ""
      ? new RegExp(`refused the WebSocket upgrade with status ${status}$`)
      : new RegExp(`with status ${status}: ${quoted}`),
    retryable: true,
  };
  return { fault: `An answer with status ${status}`, acs, failed, next: BACKOFF };
}

function codeOfStatus(status: number): string {
  if (status === 407) return "ACS-P04";
  if (status === 429) return "ACS-A09";
  return status >= 500 ? "ACS-A10" : "ACS-P05";
}

/** The codes of the exceptions. */
const CODES: ReadonlyMap<string, string> = new Map([
  ["ServerException", "ACS-A10"],
  ["BadRequestException", "ACS-A11"],
  ["InvalidClusterException", "ACS-A05"],
  ["InvalidInstanceException", "ACS-A06"],
  ["AccessDeniedException", "ACS-A04"],
  ["InactiveInstanceException", "ACS-A07"],
]);

/** A redirect to ECS, which would be noticed. */
function redirect(status: number): Row {
  return {
    ...refusal(status, "", (elsewhere) => [`Location: ${elsewhere}`]),
    fault: `A redirect with status ${status}, which is not followed`,
    check: ({ service }) => assert.equal(service.reached.ecs, 1),
  };
}

/** Answers with an exception of the service. */
function exception(name: string, form: "framed" | "bare"): Row {
  const text = "the text of the service";
  const body = form === "bare" ? { [name]: text } : { type: name, message: { message: text } };
  const permanent: Expected = { retryable: false, message: /the text of the service; \w+/ };
  const transient: Expected = { retryable: true, message: /the text of the service$/ };
  const isLasting = !["ServerException", "BadRequestException"].includes(name);
  return {
    fault: `${name} in ${form} form`,
    acs: async (connection) => {
      await connection.refuse(400, JSON.stringify(body));
    },
    failed: {
      stage: "connect",
      name,
      code: CODES.get(name),
      status: 400,
      serviceMessage: text,
      ...(isLasting ? permanent : transient),
    },
    next: name === "InactiveInstanceException" ? { reason: "inactive", delayMs: HOUR } : BACKOFF,
    check: ({ stage }) =>
      assert.equal(stage.eventsOf("inactive").length, name === "InactiveInstanceException" ? 1 : 0),
  };
}

/** Sends one byte per second, for as long as an upgrade may take. */
function drip(start: string, more: string): Pick<Row, "acs" | "meanwhile"> {
  let dripping: RawConnection | undefined;
  return {
    async acs(connection) {
      await connection.readRequest();
      connection.write(start);
      dripping ??= connection;
    },
    async meanwhile({ stage }) {
      await until(() => dripping !== undefined, "the upgrade is requested");
      for (let second = 0; second < 30; second++) {
        dripping?.write(more[second] ?? "x");
        await stage.time.advance(SECOND);
      }
    },
  };
}

/** Reads the request, and sends this answer. */
const say = (text: string): Behavior => async (connection) => {
  await connection.readRequest();
  connection.write(text);
};

const waitInVain: Row["meanwhile"] = async ({ stage, service }) => {
  await until(() => service.reached.acs > 0, "ACS is reached");
  await stage.time.advance(30 * SECOND);
};

const acceptWrongly: Behavior = async (connection, service) => {
  await service.greet(connection, { acceptKey: "c29tZXRoaW5nIGVsc2U=" });
};

matrix([
  {
    fault: "An upgrade that is read and never answered",
    acs: say(""),
    meanwhile: waitInVain,
    failed: TIMED_OUT,
    next: BACKOFF,
  },
  {
    fault: "An answer that arrives byte by byte",
    ...drip("", "HTTP/1.1 101 Switching Protocols\r\n"),
    failed: TIMED_OUT,
    next: BACKOFF,
  },
  {
    fault: "Status 100 and nothing after it",
    acs: say("HTTP/1.1 100 Continue\r\n\r\n"),
    // Node's client treats it as an error, since it did not send an Expect header.
    ...(ON_DENO
      ? { meanwhile: waitInVain, failed: TIMED_OUT }
      : { failed: { stage: "connect", name: "ConnectError", systemCode: "UND_ERR_SOCKET" } }),
    next: BACKOFF,
  },
  ...[102, 103].map((status): Row => ({
    fault: `Status ${status} and nothing after it`,
    acs: say(`HTTP/1.1 ${status} Wait\r\n\r\n`),
    meanwhile: waitInVain,
    failed: TIMED_OUT,
    next: BACKOFF,
  })),
  {
    fault: "A refusal whose body arrives byte by byte",
    ...drip("HTTP/1.1 503 Later\r\nContent-Length: 100\r\n\r\n", "slowly"),
    // Deno sends a second request, for up to 10 s: whether it gets the status by then is a matter
    // of luck.
    failed: ON_DENO ? { stage: "connect", message: /127\.0\.0\.1/, retryable: true } : TIMED_OUT,
    next: BACKOFF,
  },
  {
    fault: "An answer that is not HTTP",
    acs: async (connection) => {
      await connection.readRequest();
      connection.write("SSH-2.0-OpenSSH_9.6\r\n");
      connection.end();
    },
    failed: { stage: "connect", name: "ConnectError", message: /127\.0\.0\.1/, retryable: true },
    next: BACKOFF,
  },
  refusal(200, "hello"),
  refusal(204),
  redirect(301),
  redirect(302),
  redirect(307),
  redirect(308),
  ...[400, 401, 403, 404, 407, 426, 429].map((status) => refusal(status, "<html>no</html>")),
  ...[500, 501, 502, 503, 504].map((status) => refusal(status, "<html>later</html>")),
  ...SERVICE_EXCEPTION_NAMES.flatMap((
    name,
  ) => [exception(name, "framed"), exception(name, "bare")]),
]);

if (ON_DENO) {
  // Its WebSocket does not check the header; otherwise such a connection works.
  test("A wrong Sec-WebSocket-Accept goes unnoticed on Deno, and the connection works", () =>
    withBrokenService({ acs: acceptWrongly, acksAtOnce: true }, async (scene) => {
      scene.stage.start();
      await recovered(scene);
      assert.equal(scene.service.reached.acs, 1);
    }));
} else {
  matrix([{
    fault: "A wrong Sec-WebSocket-Accept",
    acs: acceptWrongly,
    failed: {
      stage: "connect",
      name: "ConnectError",
      message:
        /accepted the WebSocket upgrade, but not as RFC 6455 requires: .*Sec-WebSocket-Accept/,
      retryable: true,
    },
    next: BACKOFF,
  }]);
}
