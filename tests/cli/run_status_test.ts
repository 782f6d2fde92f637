import assert from "node:assert/strict";
import { type RunStatus, statusLines } from "../../cli/run_status.ts";
import { terminal } from "../testing/fakes/timelines.ts";
import { test } from "../testing/test.ts";
import type { SessionHealth, SessionState } from "../../session/state.ts";

const NOW = 1_000_000_000;
const { signs } = terminal(80);

function status(state: SessionState, more: Partial<RunStatus> = {}): RunStatus {
  const health: SessionHealth = {
    ready: state.status === "connected",
    problems: [],
    reasons: [],
    state,
    lastReceivedAt: NOW - 4_000,
    lastMessageAt: NOW - 4_000,
    lanes: [],
    background: { count: 0, oldestAgeMs: 0 },
    failingHandlers: [],
    lastError: undefined,
  };
  return {
    health,
    isStopping: false,
    ecsHost: "ecs.us-west-2.amazonaws.com",
    proxy: undefined,
    discoverTimeoutMs: 126_000,
    connectTimeoutMs: 30_000,
    credentialsSince: undefined,
    failures: 0,
    code: undefined,
    tasks: 2,
    received: 41,
    sent: 47,
    dropped: 0,
    ...more,
  };
}

function lines(state: SessionState, more?: Partial<RunStatus>): string[] {
  return statusLines(status(state, more), NOW, signs);
}

test("The status line says what is being waited for, how long it has taken and how long it may take", () => {
  const [line = ""] = lines({ status: "discovering", since: NOW - 14_000 });
  assert.match(
    line,
    /^. discovering ACS · 14 s of 2 min 6 s · ecs\.us-west-2\.amazonaws\.com$/,
  );
  assert.ok(line.length < 80);
});

test("A hint follows after 5, 15 and 60 s, and becomes more specific", () => {
  const hint = (seconds: number) =>
    lines({ status: "connecting", since: NOW - seconds * 1000, host: "acs.example" })[1];
  assert.equal(hint(4.9), undefined);
  assert.match(hint(5) ?? "", /no answer from acs\.example yet/);
  assert.match(
    hint(15) ?? "",
    /a firewall drops packets, or the host hangs: try npx @acs\/session doctor$/,
  );
  assert.match(hint(60) ?? "", /npx @acs\/session doctor/);
});

test("A proxy that does not respond is named", () => {
  const proxy = "proxy.example:3128";
  const [, hint = ""] = lines({ status: "discovering", since: NOW - 16_000 }, { proxy });
  assert.match(hint, /the proxy proxy\.example:3128 or the host behind it does not respond/);
});

test("Slow credentials are not blamed on ECS", () => {
  const [line = "", hint = ""] = lines({ status: "discovering", since: NOW - 20_000 }, {
    credentialsSince: NOW - 16_000,
  });
  assert.match(line, /looking for AWS credentials · 16 s/);
  assert.match(hint, /metadata service/);
});

test("Connected, waiting and stopping each have their own line", () => {
  const connected = lines({ status: "connected", since: NOW - 720_000, host: "acs.example" });
  assert.deepEqual(connected, [
    "● connected 12 min · heard 4 s ago · 2 tasks · ◀ 41 ▶ 47 · ^C stops",
  ]);
  const waiting = lines({
    status: "waiting",
    since: NOW - 8_000,
    delayMs: 12_000,
    reason: "backoff",
  }, {
    failures: 6,
    code: "ECONNREFUSED",
  });
  assert.deepEqual(waiting, ["○ next attempt in 4 s · 6 failures · ECONNREFUSED"]);
  const stopping = lines({ status: "connected", since: NOW, host: "acs.example" }, {
    isStopping: true,
  });
  assert.match(stopping[0] ?? "", /^◌ stopping · \^C again stops immediately$/);
});

test("A session that is connected but not ready says why", () => {
  const sick = status({ status: "connected", since: NOW - 5_000, host: "acs.example" });
  const health = { ...sick.health, problems: ["the lane payload has been stuck for 61000 ms"] };
  const [line] = statusLines({ ...sick, health }, NOW, signs);
  assert.equal(line, "! connected · not ready: the lane payload has been stuck for 61000 ms");
});
