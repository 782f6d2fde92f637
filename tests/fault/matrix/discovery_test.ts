/** ECS does not answer DiscoverPollEndpoint correctly. */

import assert from "node:assert/strict";
import { turns, until } from "../../testing/fakes/fake_time.ts";
import type { RawConnection } from "../../testing/sockets/raw_peer.ts";
import { test } from "../../testing/test.ts";
import { ON_DENO } from "../transports_under_test.ts";
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

const FAILED = { stage: "discover", name: "DiscoverPollEndpointError", retryable: true } as const;
const UNREACHED = { stage: "discover", name: "ConnectError", retryable: true } as const;
const HOST = /127\.0\.0\.1:\d+/;

const TEN_MEGABYTES = "x".repeat(10_000_000);

/** Answers the call. */
const say =
  (status: number, body: string, headers?: (elsewhere: string) => string[]): Behavior =>
  async (connection, service) => {
    await connection.refuse(status, body, headers?.(service.acsUrl));
  };

/** ECS names the error. */
function exception(status: number, name: string, expected: Expected): Row {
  return {
    fault: `Status ${status} with ${name}`,
    ecs: say(
      status,
      JSON.stringify({ __type: `com.amazonaws.ecs#${name}`, message: "the text of ECS" }),
    ),
    failed: { stage: "discover", name, status, serviceMessage: "the text of ECS", ...expected },
    next: BACKOFF,
    check: notReached,
  };
}

/** A server other than ECS answers. */
function page(status: number): Row {
  // A proxy's page could echo the credentials that it received.
  const quoted = status === 407 ? "a proxy demands a login" : "<html>no</html>";
  return {
    fault: `Status ${status} with a page`,
    ecs: say(status, "<html>no</html>"),
    failed: {
      ...FAILED,
      kind: "status",
      code: codeOfStatus(status),
      message: new RegExp(`with status ${status}: ${quoted}`),
    },
    next: BACKOFF,
    check: notReached,
  };
}

function codeOfStatus(status: number): string {
  if (status === 407) return "ACS-P04";
  if (status === 429) return "ACS-A09";
  return status >= 500 ? "ACS-A10" : "ACS-P05";
}

/** A redirect to ACS, which would be noticed. */
function redirect(status: number): Row {
  return {
    fault: `A redirect with status ${status}, which is not followed`,
    ecs: say(status, "", (elsewhere) => [`Location: ${elsewhere}`]),
    failed: { ...FAILED, code: "ACS-P05", message: new RegExp(`with status ${status}$`) },
    next: BACKOFF,
    check: notReached,
  };
}

/** An invalid answer with status 200. */
function nonsense(what: string, body: string, message: RegExp): Row {
  return {
    fault: `An answer ${what}`,
    ecs: say(200, body),
    failed: { ...FAILED, code: "ACS-P05", message },
    next: BACKOFF,
    check: notReached,
  };
}

function notReached({ service }: Parameters<NonNullable<Row["check"]>>[0]): void {
  assert.equal(service.reached.acs, 0);
}

/** Reads the request, writes something, and then ends or stalls. */
const breakOff = (text: string, how: "end" | "reset"): Behavior => async (connection) => {
  await connection.readRequest();
  if (text !== "") connection.write(text);
  await turns(3);
  connection[how]();
};

const waitInVain: Row["meanwhile"] = async ({ stage, service }) => {
  await until(() => service.reached.ecs > 0, "ECS is reached");
  await stage.time.advance(126 * SECOND);
};

const TIMED_OUT = {
  ...UNREACHED,
  code: "ACS-N03",
  systemCode: "ETIMEDOUT",
  message: /127\.0\.0\.1:\d+ did not respond to DiscoverPollEndpoint within 126000 ms/,
};

const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"endpoint":';

/** One byte per second, for as long as the call may take. */
function drip(): Row {
  let dripping: RawConnection | undefined;
  return {
    fault: "An answer that arrives byte by byte",
    async ecs(connection) {
      await connection.readRequest();
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      dripping = connection;
    },
    async meanwhile({ stage }) {
      await until(() => dripping !== undefined, "ECS is reached");
      for (let second = 0; second < 126; second++) {
        dripping?.write(" ");
        await stage.time.advance(SECOND);
      }
    },
    failed: TIMED_OUT,
    next: BACKOFF,
    check: notReached,
  };
}

matrix([
  exception(400, "ClientException", { retryable: false, code: "ACS-A11" }),
  exception(400, "InvalidParameterException", { retryable: false, code: "ACS-A11" }),
  exception(400, "AccessDeniedException", { retryable: false, code: "ACS-A04" }),
  exception(400, "ClusterNotFoundException", { retryable: false, code: "ACS-A05" }),
  exception(400, "ThrottlingException", { retryable: true, code: "ACS-A09" }),
  exception(403, "AccessDeniedException", { retryable: false, code: "ACS-A04" }),
  exception(500, "ServerException", { retryable: true, code: "ACS-A10" }),
  exception(503, "ServiceUnavailableException", { retryable: true, code: "ACS-A10" }),
  exception(400, "UnrecognizedClientException", { retryable: false, code: "ACS-A01" }),
  exception(400, "InvalidSignatureException", { retryable: false, code: "ACS-A02" }),
  exception(400, "ExpiredTokenException", { retryable: true, code: "ACS-A03" }),
  ...[400, 403, 404, 429, 500, 502, 503, 504].map(page),
  // Node's fetch treats it as a network error, as the Fetch standard says.
  ON_DENO ? page(407) : { ...page(407), failed: { ...UNREACHED, message: HOST } },
  ...[301, 302, 303, 307, 308].map(redirect),
  {
    fault: "A call that is read and never answered",
    ecs: async (connection) => {
      await connection.readRequest();
    },
    meanwhile: waitInVain,
    failed: TIMED_OUT,
    next: BACKOFF,
    check: notReached,
  },
  {
    fault: "An answer that stalls halfway",
    ecs: async (connection) => {
      await connection.readRequest();
      connection.write(HALF);
    },
    meanwhile: waitInVain,
    failed: TIMED_OUT,
    next: BACKOFF,
    check: notReached,
  },
  drip(),
  {
    fault: "A plaintext endpoint on another machine, although ECS was called over https",
    options: { endpoint: "https://ecs.example/" },
    ecs: say(200, '{"endpoint":"http://acs.example/"}'),
    failed: {
      stage: "discover",
      name: "InvalidEndpointError",
      kind: "insecure",
      code: "ACS-A12",
      message: /allowInsecureEndpoint$/,
    },
    next: BACKOFF,
    check: notReached,
  },
  {
    ...nonsense(
      "that is a login page",
      "<html>Log in to the hotel's network</html>",
      /an HTML page$/,
    ),
    ecs: say(200, "<html>Log in to the hotel's network</html>", () => ["Content-Type: text/html"]),
  },
  nonsense("that is not JSON", "<html>welcome</html>", /with something other than a JSON object$/),
  nonsense("of binary garbage", "\x00\x01\xff\xfe\x7f", /with something other than a JSON object$/),
  nonsense("that is empty", "", /with something other than a JSON object$/),
  nonsense("that is a list", '["https://acs.example"]', /with something other than a JSON object$/),
  nonsense(
    "without an endpoint",
    '{"telemetryEndpoint":"https://x.example"}',
    /without an endpoint$/,
  ),
  nonsense("with an endpoint that is not a string", '{"endpoint":{"a":1}}', /without an endpoint$/),
  nonsense(
    "of 10 MB",
    JSON.stringify({ endpoint: "https://acs.example", more: TEN_MEGABYTES }),
    /with something other than a JSON object$/,
  ),
  {
    fault: "An error of 10 MB",
    ecs: say(500, TEN_MEGABYTES),
    failed: {
      ...FAILED,
      message: /^\S+ answered DiscoverPollEndpoint with status 500: x{200}$/,
    },
    next: BACKOFF,
    check: notReached,
  },
  {
    fault: "FIN instead of an answer",
    ecs: breakOff("", "end"),
    failed: { ...UNREACHED, code: "ACS-N04", message: HOST },
    next: BACKOFF,
    check: notReached,
  },
  {
    fault: "RST instead of an answer",
    ecs: breakOff("", "reset"),
    failed: { ...UNREACHED, code: "ACS-N04", message: HOST, systemCode: "ECONNRESET" },
    next: BACKOFF,
    check: notReached,
  },
  {
    fault: "FIN within the answer",
    ecs: breakOff(HALF, "end"),
    failed: { ...UNREACHED, code: "ACS-N04", message: HOST },
    next: BACKOFF,
    check: notReached,
  },
  {
    fault: "RST within the answer",
    ecs: breakOff(HALF, "reset"),
    failed: { ...UNREACHED, code: "ACS-N04", message: HOST },
    next: BACKOFF,
    check: notReached,
  },
  {
    fault: "An answer that is not HTTP",
    ecs: breakOff("SSH-2.0-OpenSSH_9.6\r\n", "end"),
    failed: { ...UNREACHED, code: "ACS-P05", message: HOST },
    next: BACKOFF,
    check: notReached,
  },
  ...["ftp://acs.example/", "acs.example", "https://"].map((endpoint): Row => ({
    fault: `The endpoint ${endpoint}, which cannot be connected to`,
    deadEnd: { url: () => endpoint },
    failed: { stage: "discover", name: "InvalidEndpointError", code: "ACS-A12", retryable: true },
    next: BACKOFF,
    check: notReached,
  })),
]);

test("If ECS fails when the endpoint is twelve hours old, the session keeps using its endpoint", () =>
  withBrokenService({ acksAtOnce: true }, async (scene) => {
    const { stage, service } = scene;
    stage.start();
    await recovered(scene);
    await stage.time.advance(12 * HOUR);
    await service.close();
    await until(() => stage.eventsOf("discovered").length > 1, "the endpoint is used again");
  }));
