import assert from "node:assert/strict";
import { startAcs } from "../testing/acs_command.ts";
import { test } from "../testing/test.ts";

test("The emulator says how to point an agent at it, and what it says works", async () => {
  const emulator = startAcs(["emulate", "--traffic", "20"]);
  await emulator.output(/acs run --container-instance-arn \S+/);
  const [told] = await emulator.output(/[^]*acs run[^\n]*\n/);
  const env = Object.fromEntries(
    [...told.matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name ?? "", value ?? ""]),
  );
  const args = told.match(/acs (run .*)\n/)?.[1]?.split(" ") ?? [];

  const agent = startAcs(args, env);
  await agent.output(/< PayloadMessage/);
  await emulator.output(/< AckRequest/);
  agent.signal("SIGTERM");
  const agentExit = await agent.ended;
  assert.equal(agentExit.code, 0, agentExit.stderr);
  await emulator.output(/disconnected/);

  emulator.signal("SIGINT");
  const { code, stderr } = await emulator.ended;
  assert.equal(code, 0);
  assert.equal(stderr, "");
});

test("A port that is taken is told in one line, exit code 1", async () => {
  const first = startAcs(["emulate"]);
  const [, port] = await first.output(/http:\/\/127\.0\.0\.1:(\d+)/);
  const second = await startAcs(["emulate", "--port", port ?? ""]).ended;
  first.signal("SIGTERM");
  await first.ended;
  assert.match(second.stderr, /^error: cannot listen on port \d+: .+\n$/);
  assert.equal(second.code, 1);
});
