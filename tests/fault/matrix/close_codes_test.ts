/** The peer closes cleanly, with every close code and with none. */

import { encodeClose } from "../../testing/sockets/raw_peer.ts";
import { ON_DENO } from "../transports_under_test.ts";
import { BACKOFF, matrix, type Row } from "./fault_row.ts";

function closed(code: number | undefined, expected: Pick<Row, "ended" | "next">): Row {
  return {
    fault: code === undefined ? "A close frame without a code" : `A close frame with code ${code}`,
    async acs(connection, service) {
      await service.greet(connection);
      connection.write(encodeClose(code, code === undefined ? "" : "so long"));
      connection.end();
    },
    ...expected,
  };
}

/** The service wants the agent to reconnect immediately. */
const clean = (code: number) =>
  closed(code, {
    ended: { clean: true, reason: `the peer closed with code ${code}: so long` },
    next: "immediately",
  });

/** Something is wrong. */
const unclean = (code: number) =>
  closed(code, {
    ended: { clean: false, reason: `the peer closed with code ${code}: so long` },
    next: BACKOFF,
  });

/** The runtime treats the frame as invalid: RFC 6455 reserves the code. */
const invalid = (code: number) =>
  closed(code, {
    ended: {
      clean: false,
      reason: /^ConnectError \(ACS-N07\): lost the connection to 127\.0\.0\.1/,
    },
    next: BACKOFF,
  });

matrix([
  clean(1000),
  clean(1001),
  unclean(1002),
  unclean(1003),
  invalid(1004),
  invalid(1005),
  invalid(1006),
  unclean(1007),
  unclean(1008),
  unclean(1009),
  unclean(1010),
  clean(1011),
  unclean(1012),
  unclean(1013),
  // Registered since; Deno does not know it.
  ON_DENO ? invalid(1014) : unclean(1014),
  invalid(1015),
  unclean(3000),
  unclean(4000),
  closed(undefined, {
    ended: { clean: false, reason: "the peer closed with code 1005" },
    next: BACKOFF,
  }),
  {
    fault: "A close frame whose reason calls the instance inactive",
    async acs(connection, service) {
      await service.greet(connection);
      connection.write(encodeClose(1008, "InactiveInstanceException: deregistered"));
      connection.end();
    },
    ended: { clean: false },
    next: { reason: "inactive", delayMs: 3_600_000 },
  },
]);
