/**
 * `acs doctor` against each fault of the emulator.
 */

import assert from "node:assert/strict";
import type { Fault } from "../../emulator/faults/fault.ts";
import { examine, withEmulator } from "../testing/doctor/doctor_scenes.ts";
import { test } from "../testing/test.ts";

/** A kind of fault, such as `upgrade.reset`. */
type FaultName = Fault extends infer Each
  ? Each extends
    { readonly at: infer At extends string; readonly action: infer Action extends string }
    ? `${At}.${Action}`
  : never
  : never;

/** The effect of a fault on the checks: the check that finds it and its code, or nothing. */
interface Finding {
  readonly fault: Fault;
  readonly finds?: readonly [id: string, code: string];
}

/** Every fault; a new one without an entry is a compile error. */
const FINDINGS: Readonly<Record<FaultName, Finding>> = {
  "api.refuse": { fault: { at: "api", action: "refuse" }, finds: ["ecs.call", "ACS-A10"] },
  "api.hang": { fault: { at: "api", action: "hang" }, finds: ["ecs.call", "ACS-N03"] },
  "api.end": { fault: { at: "api", action: "end" }, finds: ["ecs.call", "ACS-N04"] },
  "api.reset": { fault: { at: "api", action: "reset" }, finds: ["ecs.call", "ACS-N04"] },
  "discover.refuse": {
    fault: { at: "discover", action: "refuse", status: 400, exception: "ThrottlingException" },
    finds: ["ecs.call", "ACS-A09"],
  },
  "discover.hang": { fault: { at: "discover", action: "hang" }, finds: ["ecs.call", "ACS-N03"] },
  "discover.endpoint": {
    fault: { at: "discover", action: "endpoint", endpoint: "ftp://acs.example/" },
    finds: ["ecs.call", "ACS-A12"],
  },
  "discover.end": { fault: { at: "discover", action: "end" }, finds: ["ecs.call", "ACS-N04"] },
  "discover.reset": { fault: { at: "discover", action: "reset" }, finds: ["ecs.call", "ACS-N04"] },
  "upgrade.refuse": {
    fault: { at: "upgrade", action: "refuse" },
    finds: ["acs.session", "ACS-A04"],
  },
  "upgrade.hang": { fault: { at: "upgrade", action: "hang" }, finds: ["acs.websocket", "ACS-N03"] },
  "upgrade.end": { fault: { at: "upgrade", action: "end" }, finds: ["acs.websocket", "ACS-N04"] },
  "upgrade.reset": {
    fault: { at: "upgrade", action: "reset" },
    finds: ["acs.websocket", "ACS-N04"],
  },
  "connection.close": {
    fault: { at: "connection", action: "close", code: 1011 },
    finds: ["acs.session", "ACS-S05"],
  },
  "connection.end": {
    fault: { at: "connection", action: "end" },
    finds: ["acs.session", "ACS-S05"],
  },
  "connection.reset": {
    fault: { at: "connection", action: "reset" },
    finds: ["acs.session", "ACS-N04"],
  },
  "connection.stall": {
    fault: { at: "connection", action: "stall" },
    finds: ["acs.session", "ACS-S02"],
  },
  "connection.halfFrame": {
    fault: { at: "connection", action: "halfFrame", then: "stall" },
    finds: ["acs.session", "ACS-S02"],
  },
  "connection.garbage": {
    fault: { at: "connection", action: "garbage" },
    finds: ["acs.session", "ACS-N07"],
  },
  // These faults do not prevent the first message from arriving.
  "connection.slowRead": { fault: { at: "connection", action: "slowRead", bytesPerSecond: 100 } },
  "connection.fragment": { fault: { at: "connection", action: "fragment", bytes: 5 } },
  "connection.oversized": { fault: { at: "connection", action: "oversized", bytes: 1_000 } },
  "connection.delay": { fault: { at: "connection", action: "delay", ms: 20 } },
  "connection.duplicate": { fault: { at: "connection", action: "duplicate" } },
  "connection.reorder": { fault: { at: "connection", action: "reorder", withinMs: 20 } },
};

/** Enough for every request and connection of one examination. */
const NEXT = 10;

/** Faults after which no response follows, so that the doctor waits until its timeout. */
const SILENT: readonly string[] = ["hang", "stall", "halfFrame"];

for (const [name, { fault, finds }] of Object.entries(FINDINGS)) {
  const [id, code] = finds ?? [];
  const what = id === undefined ? "lets acs doctor pass" : `is found as ${code} by the check ${id}`;
  test(`The emulator's fault ${name} ${what}`, () =>
    withEmulator({}, async (emulator) => {
      emulator.injectFault(fault, { next: NEXT });
      const timeoutMs = SILENT.includes(fault.action) ? 500 : 20_000;
      const results = await examine(emulator.url, {
        connect: true,
        timeoutMs,
        firstMessageMs: timeoutMs,
      });
      const failed = results.filter(({ status }) => status === "failed");
      // A runtime may read the end of the stream before it notices the reset.
      const code = (each: { readonly code?: string }) =>
        name === "connection.reset" && each.code === "ACS-S05" ? "ACS-N04" : each.code;
      const found = failed.map((each) => [each.id, code(each)]);
      assert.deepEqual(found, finds === undefined ? [] : [finds], JSON.stringify(results));
    }), { leavesSocket: fault.action === "stall" || fault.action === "halfFrame" });
}
