import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, operate } from "../emulator/control_client.ts";
import { type AcsProcess, runAcs, startAcs } from "../testing/acs_command.ts";
import { test } from "../testing/test.ts";

/** Where an emulator that prints JSON says it listens. */
async function urlOf(emulator: AcsProcess): Promise<{ readonly url: string }> {
  const [, url = ""] = await emulator.output(/"event":"listening","url":"([^"]+)"/);
  return { url };
}

test("What was answered before a kill -9 is there after a restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "acs-state-"));
  const args = ["emulate", "--format", "json", "--state", join(folder, "emulator.db")];
  const first = startAcs(args);
  const { taskArn, messageId } = await operate(await urlOf(first), "run-task");
  first.signal("SIGKILL");
  await first.ended;

  const second = startAcs(args);
  const address = await urlOf(second);
  const { tasks } = (await call(address, "/emulator/tasks")).body;
  const { pending } = (await call(address, "/emulator/pending")).body;
  second.signal("SIGTERM");
  const { code } = await second.ended;
  await rm(folder, { recursive: true });

  assert.deepEqual(tasks, [{ taskArn, desiredStatus: "RUNNING" }]);
  assert.deepEqual(pending, [{ type: "PayloadMessage", messageId }]);
  assert.equal(code, 0);
});

test("A state file that is none is told in one line, exit code 1", async () => {
  const { code, stdout, stderr } = await runAcs(["emulate", "--state", "/no/such/folder/file.db"]);

  // Node 22 warns of its SQLite before.
  assert.match(
    stderr,
    /^error: The state file \/no\/such\/folder\/file\.db cannot be used: .*\n$/m,
  );
  assert.equal(stdout, "");
  assert.equal(code, 1);
});

test("Secrets of the environment are used and never printed", async () => {
  const env = {
    AWS_ACCESS_KEY_ID: "AKIDOFTHETEST",
    AWS_SECRET_ACCESS_KEY: "planted-secret-key",
    AWS_SESSION_TOKEN: "planted-session-token",
    ACS_CONTROL_TOKEN: "planted-control-token",
  };
  const help = await runAcs(["emulate", "--help"], env);
  const emulator = startAcs(["emulate", "--credentials", "env"], env);
  const [, url = ""] = await emulator.output(/export AWS_ENDPOINT_URL_ECS=(\S+)/);

  const without = await call({ url }, "/emulator/state");
  const agent = startAcs(["run"], {
    ...env,
    AWS_ENDPOINT_URL_ECS: url,
    AWS_REGION: "us-west-2",
    ACS_CONTAINER_INSTANCE_ARN: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/1",
  });
  await emulator.output(/< HeartbeatAckRequest/);
  agent.signal("SIGTERM");
  await agent.ended;
  emulator.signal("SIGTERM");
  const { stdout, stderr } = await emulator.ended;

  assert.equal(without.status, 401);
  assert.match(stdout, /export AWS_ACCESS_KEY_ID=AKIDOFTHETEST/);
  assert.doesNotMatch(help.stdout + stdout + stderr, /planted/);
});

test("An emulator that others can reach says that it cannot be controlled without a token", async () => {
  const emulator = startAcs(["emulate", "--hostname", "0.0.0.0"]);
  await emulator.output(/can be controlled only if it is given a --control-token/);
  emulator.signal("SIGTERM");
  assert.equal((await emulator.ended).code, 0);
});

test("Cluster, instance, region and heartbeats are what the flags say", async () => {
  const instance = "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/1";
  const emulator = startAcs([
    "emulate",
    ...["--region", "eu-west-1", "--cluster", "prod", "--container-instance", instance],
    ...["--heartbeat", "20-30", "--seed", "7"],
  ]);
  const [told] = await emulator.output(/[^]*acs run[^\n]*\n/);
  const env = Object.fromEntries(
    [...told.matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name ?? "", value ?? ""]),
  );
  assert.equal(env.ECS_CLUSTER, "arn:aws:ecs:eu-west-1:111122223333:cluster/prod");

  const agent = startAcs(["run", "--container-instance-arn", instance], env);
  await emulator.output(/(?:< HeartbeatAckRequest[^]*){3}/);
  const stranger = startAcs(["run", "--container-instance-arn", `${instance}0`], env);
  await emulator.output(/refused upgrade +InvalidInstanceException \(400\)/);
  for (const each of [agent, stranger, emulator]) each.signal("SIGTERM");
  for (const each of [agent, stranger, emulator]) await each.ended;
});
