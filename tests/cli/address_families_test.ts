import assert from "node:assert/strict";
import { machineFamilies, withoutCommonFamily } from "../../cli/doctor/address_families.ts";
import { test } from "../testing/test.ts";

const IPV4 = { ipv4: true, ipv6: false };
const IPV6 = { ipv4: false, ipv6: true };
const BOTH = { ipv4: true, ipv6: true };

test("On a machine with only IPv6, the dual-stack endpoint is recommended for a host with only IPv4", () => {
  const outcome = withoutCommonFamily("ecs.us-west-2.amazonaws.com", IPV4, IPV6);
  assert.equal(outcome?.status, "failed");
  assert.equal(outcome.code, "ACS-N05");
  assert.match(outcome.fix ?? "", /--dualstack/);
});

test("A machine with only IPv4 cannot connect to a host with only IPv6", () => {
  const outcome = withoutCommonFamily("ecs.example", IPV6, IPV4);
  assert.equal(outcome?.code, "ACS-N05");
  assert.equal(
    outcome.cause,
    "ecs.example has only IPv6 addresses, and this machine has only IPv4.",
  );
});

test("A common version of IP is enough", () => {
  for (const [host, machine] of [[IPV4, BOTH], [BOTH, IPV6], [IPV6, IPV6], [BOTH, BOTH]] as const) {
    assert.equal(withoutCommonFamily("ecs.example", host, machine), undefined);
  }
});

test("This machine has an address", () => {
  const { ipv4, ipv6 } = machineFamilies();
  assert.ok(ipv4 || ipv6);
});
