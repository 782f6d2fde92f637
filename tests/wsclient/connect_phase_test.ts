import assert from "node:assert/strict";
import type { ConnectPhase } from "../../errors.ts";
import { describeUnfinished } from "../../wsclient/connect_phase.ts";
import { test } from "../testing/test.ts";

test("A timeout names the phase that did not finish, and the host", () => {
  const cases: readonly (readonly [ConnectPhase | undefined, string])[] = [
    ["lookup", "the name lookup of acs.example did not finish in 30000 ms"],
    ["tcp", "the TCP connection to acs.example was not established in 30000 ms"],
    ["proxy", "the proxy did not open a tunnel to acs.example in 30000 ms"],
    ["tls", "acs.example did not complete the TLS handshake in 30000 ms"],
    ["upgrade", "acs.example did not complete the upgrade in 30000 ms"],
    [undefined, "name lookup, TCP, TLS or the upgrade of acs.example did not finish in 30000 ms"],
  ];
  for (const [phase, expected] of cases) {
    assert.equal(describeUnfinished(phase, "acs.example", 30_000), expected);
  }
});
