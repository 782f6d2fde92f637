import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenFailure } from "../../cli/listen_failure.ts";
import { runAcs, startAcs } from "../testing/programs/acs_command.ts";
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

test("A port that is taken is told in one line, exit code 2", async () => {
  const first = startAcs(["emulate"]);
  const [, port] = await first.output(/http:\/\/127\.0\.0\.1:(\d+)/);
  const second = await startAcs(["emulate", "--port", port ?? ""]).ended;
  first.signal("SIGTERM");
  await first.ended;
  assert.match(
    second.stderr,
    /^error: cannot listen on port \d+: another program is using it; .+\n$/,
  );
  assert.equal(second.code, 2);
});

test("A state file that cannot be used is told in one line that names it, exit code 2", async () => {
  const folder = await mkdtemp(join(tmpdir(), "acs-state-"));
  try {
    const foreign = join(folder, "notes.txt");
    await writeFile(foreign, "remember the milk\n");
    for (
      const [file, why] of [
        [foreign, "it is not a state file of the emulator, and was not modified"],
        [folder, "it is a directory"],
        [join(folder, "none", "emulator.db"), "its directory does not exist"],
      ] as const
    ) {
      const { code, stdout, stderr } = await runAcs(["emulate", "--state", file]);
      assert.equal(stderr, `error: The state file ${file} cannot be used: ${why}\n`);
      assert.equal(stdout, "");
      assert.equal(code, 2);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("A host that is not this machine is told with the flag to check, exit code 2", async () => {
  const { code, stderr } = await runAcs(["emulate", "--hostname", "no.such.host.invalid"]);
  assert.match(stderr, /^error: cannot listen on port 0: .*no\.such\.host\.invalid.*--hostname/);
  assert.equal(code, 2);
});

test("Behind a proxy, agents are pointed at the proxy and control stays where it is", async () => {
  const emulator = startAcs([
    "emulate",
    "--public-url",
    "https://acs.example/",
    "--format",
    "json",
  ]);
  const [line] = await emulator.output(/.*\n/);
  emulator.signal("SIGTERM");
  await emulator.ended;
  const { url, publicUrl, control } = JSON.parse(line);
  assert.equal(publicUrl, "https://acs.example");
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(control, `${url}/emulator/`);
});

const SYSTEM_ERRORS = [
  ["EADDRINUSE", /^cannot listen on port 80: another program is using it; choose another --port/],
  ["EACCES", /^cannot listen on port 80: permission denied; .*privileged.*--port$/],
  ["EADDRNOTAVAIL", /this machine has no address example; check --hostname$/],
  ["EAI_AGAIN", /example cannot be resolved; check --hostname$/],
  ["NotCapable", /--allow-net=example$/],
  ["EWHATEVER", /^cannot listen on port 80: the system's words$/],
] as const;

for (const [code, expected] of SYSTEM_ERRORS) {
  test(`That the emulator cannot listen because of ${code} is told in words to act on`, () => {
    const error = Object.assign(new Error("the system's words"), { code });
    assert.match(listenFailure(error, { hostname: "example", port: 80 }), expected);
  });
}
