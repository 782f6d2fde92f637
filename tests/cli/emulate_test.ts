import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { listenFailure } from "../../cli/listen_failure.ts";
import { formatEnvironment } from "../../cli/print_environment.ts";
import { callEcs } from "../emulator/scripted_agent.ts";
import { withStateFile } from "../emulator/temporary_state.ts";
import { TestAgent } from "../emulator/test_agent.ts";
import { DEV_CONFIG, runAcs, startAcs } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

/** The dry-run agent as a command. */
const ACS_RUN = [
  process.execPath,
  ..."Deno" in globalThis ? ["run", "--quiet", "--config", DEV_CONFIG, "-A"] : [],
  fileURLToPath(new URL("../../cli/main.ts", import.meta.url)),
  "run",
];

test("The emulator says how to point an agent at it, and the instructions work", async () => {
  const emulator = startAcs(["emulate", "--port", "0", "--traffic", "20"]);
  const [text] = await emulator.output(/[^]*ACS_CONTAINER_INSTANCE_ARN=\S+\n/);
  const env = Object.fromEntries(
    [...text.matchAll(/(?<=export .*)\b([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [
      name ?? "",
      value ?? "",
    ]),
  );
  assert.equal(env["AWS_DEFAULT_REGION"], env["AWS_REGION"]);

  const agent = startAcs(["run"], env);
  await agent.output(/< PayloadMessage/);
  await emulator.output(/c0ffee {2}< AckRequest/);
  agent.signal("SIGTERM");
  const agentExit = await agent.ended;
  assert.equal(agentExit.code, 0, agentExit.stderr);
  await emulator.output(/disconnected/);

  emulator.signal("SIGINT");
  const { code, stderr } = await emulator.ended;
  assert.equal(code, 0);
  assert.equal(stderr, "");
});

test("acs env prints the variables of a running emulator for each shell, without secrets", async () => {
  const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "not-to-be-shown" };
  const emulator = startAcs([
    "emulate",
    ...["--port", "0", "--format", "json", "--cluster", "prod", "--credentials", "env"],
  ], keys);
  const [, url = ""] = await emulator.output(/"url":"([^"]+)"/);
  const lines: Readonly<Record<string, string>> = {
    sh: `export AWS_ENDPOINT_URL_ECS=${url}`,
    fish: `set -gx AWS_ENDPOINT_URL_ECS ${url}`,
    powershell: `$env:AWS_ENDPOINT_URL_ECS = '${url}'`,
    dotenv: `AWS_ENDPOINT_URL_ECS=${url}`,
  };
  for (const [shell, line] of Object.entries(lines)) {
    const { code, stdout } = await runAcs(["env", "--url", url, "--shell", shell]);
    assert.equal(code, 0);
    assert.ok(stdout.split("\n").includes(line), stdout);
    assert.match(stdout, /AKIDEXAMPLE/);
    assert.match(stdout, /# Set AWS_SECRET_ACCESS_KEY yourself/);
    assert.doesNotMatch(stdout, /not-to-be-shown/);
    assert.match(stdout, /ACS_CONTAINER_INSTANCE_ARN.*container-instance\/prod\//);
  }
  emulator.signal("SIGTERM");
  await emulator.ended;
  const { code, stdout, stderr } = await runAcs(["env", "--url", url]);
  assert.equal(stdout, "");
  assert.match(stderr, /^error: no emulator responds at /);
  assert.equal(code, 1);
});

test("acs env prints nothing that a shell would execute as another command", () => {
  const answers = [
    { variables: { "X; rm -rf ~": "1" }, secret: [], unset: [] },
    { variables: {}, secret: ["A\nrm"], unset: [] },
    { variables: {}, secret: [], unset: ["A; rm"] },
    { variables: { A: "1\nrm" }, secret: [], unset: [] },
  ];
  for (const answer of answers) {
    assert.throws(() => formatEnvironment("sh", answer), /is not from an emulator/);
  }
  const quoted = formatEnvironment("sh", { variables: { A: "$(rm)'`" }, secret: [], unset: [] });
  assert.equal(quoted, "export A='$(rm)'\\''`'\n");
});

test("Without --port a second emulator uses the next free port, and names the program on the first one", async () => {
  const first = startAcs(["emulate", "--format", "json"]);
  const second = startAcs(["emulate", "--format", "json"]);
  const urls = await Promise.all([first, second].map(async (emulator) => {
    const [, url = ""] = await emulator.output(/"url":"([^"]+)"/);
    return url;
  }));
  first.signal("SIGTERM");
  second.signal("SIGTERM");
  const exits = await Promise.all([first.ended, second.ended]);
  assert.notEqual(urls[0], urls[1]);
  for (const [index, { code, stderr }] of exits.entries()) {
    assert.equal(code, 0);
    // Which came second, and whether the port was in use before, depends on the machine.
    if (urls[index]?.endsWith(":4570")) assert.equal(stderr, "");
    else {assert.match(
        stderr,
        /^warning: port 4570 is in use by another (?:emulator \(version \d.*\)|program); this one listens on \d+\n$/,
      );}
  }
  assert.ok(exits.some(({ stderr }) => stderr.includes("port 4570 is in use")));
});

test("An agent without a scenario is started with its environment, and its exit code is returned", async () => {
  for (const [exitCode, expected] of [[0, 0], [3, 1]] as const) {
    const script =
      `console.log(process.env.AWS_ENDPOINT_URL_ECS, process.env.ACS_CONTAINER_INSTANCE_ARN); process.exit(${exitCode})`;
    const agent = [process.execPath, ...("Deno" in globalThis ? ["eval"] : ["-e"]), script];
    const { code, stdout, stderr } = await runAcs(["emulate", "--", ...agent]);
    assert.match(stdout, /ECS and ACS are at http:\/\/127\.0\.0\.1:\d+/);
    assert.match(
      stderr,
      /^agent \| http:\/\/127\.0\.0\.1:\d+ arn:aws:ecs:us-west-2:\d+:container-instance\//m,
    );
    assert.match(stderr, new RegExp(`The agent ended with exit code ${exitCode}\\.`));
    assert.equal(code, expected);
  }
});

test("Two agents with the same container instance are reported", async () => {
  const emulator = startAcs(["emulate", "--port", "0", "--format", "json"]);
  const [, url = ""] = await emulator.output(/"url":"([^"]+)"/);
  const text = startAcs(["emulate", "--port", "0"]);
  const [, textUrl = ""] = await text.output(/ECS and ACS are at (\S+)/);
  for (const target of [url, textUrl]) {
    const agents = [];
    for (let count = 0; count < 3; count++) agents.push(await TestAgent.connect({ url: target }));
    await agents.at(-1)?.leave();
  }
  await text.output(/connection 2, .*, replaces 1: if another agent has it/);
  await text.output(/connection 3, .*, replaces 2: two agents use this container instance/);
  await text.output(/connection 1, code 1008: closed by the emulator, ConnectionReplaced/);
  await emulator.output(/"event":"disconnected".*"ownCloseReason":"ConnectionReplaced/);
  for (const each of [text, emulator]) {
    each.signal("SIGTERM");
    await each.ended;
  }
});

test("acs send calls an operation, prints the result, and explains errors", async () => {
  const emulator = startAcs(["emulate", "--port", "0", "--format", "json"]);
  const [, url = ""] = await emulator.output(/"url":"([^"]+)"/);
  const send = (...args: string[]) => runAcs(["send", ...args, "--url", url]);
  const ran = await send("run-task", "family=web", "task.cpu=0.5");
  assert.equal(ran.code, 0, ran.stderr);
  const { taskArn } = JSON.parse(ran.stdout);
  const { stdout } = await send("tasks");
  assert.ok(
    JSON.parse(stdout).tasks.some((task: { arn?: string; taskArn?: string }) =>
      (task.taskArn ?? task.arn) === taskArn
    ),
    stdout,
  );
  const fault = await send("inject-fault", "at=discover", "action=refuse", "status=500", "next=2");
  assert.equal(fault.code, 0, fault.stderr);
  const unknown = await send("stop-task", "taskArn=arn:none");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /^error: UnknownTaskError: .*\n$/);
  emulator.signal("SIGTERM");
  await emulator.ended;
  const gone = await send("state");
  assert.equal(gone.code, 1);
  assert.match(
    gone.stderr,
    /^error: no emulator responds at http:\/\/127\.0\.0\.1:\d+: start one \(npx @acs\/session emulate\)/,
  );
});

test("An emulator on the IPv6 loopback address has URLs with brackets, which agents can use", async () => {
  const { code, stdout, stderr } = await runAcs([
    "emulate",
    "--hostname",
    "::1",
    "--",
    ...ACS_RUN,
    "--until",
    "connected",
    "--within",
    "30s",
  ]);
  if (/has no address ::1/.test(stderr)) return; // A machine without IPv6.
  assert.match(stdout, /ECS and ACS are at http:\/\/\[::1\]:\d+/);
  assert.equal(code, 0, stderr);
});

test("A port in use is reported in one line that names an emulator on it, exit code 2", async () => {
  const first = startAcs(["emulate", "--port", "0"]);
  const [, port] = await first.output(/http:\/\/127\.0\.0\.1:(\d+)/);
  const second = await startAcs(["emulate", "--port", port ?? ""]).ended;
  first.signal("SIGTERM");
  await first.ended;
  assert.match(
    second.stderr,
    /^error: cannot listen on port \d+: another emulator \(version \d\S+\) is using it; .+\n$/,
  );
  assert.equal(second.code, 2);
});

test("Neither a state file nor a port makes the runtime print a warning", async () => {
  await withStateFile(async (path) => {
    const emulator = startAcs(["emulate", "--port", "0", "--state", path]);
    await emulator.output(/ECS and ACS are at/);
    emulator.signal("SIGTERM");
    assert.equal((await emulator.ended).stderr, "");
  });
});

test("An unusable state file is reported in one line that names it, exit code 2", async () => {
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

test("A host that is not this machine is reported with the flag to check, exit code 2", async () => {
  const { code, stderr } = await runAcs([
    "emulate",
    "--port",
    "0",
    "--hostname",
    "no.such.host.invalid",
  ]);
  assert.match(stderr, /^error: cannot listen on port 0: .*no\.such\.host\.invalid.*--hostname/);
  assert.equal(code, 2);
});

test("Behind a proxy, agents are pointed at the proxy, and the control plane stays where it is", async () => {
  const emulator = startAcs([
    "emulate",
    "--port",
    "0",
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
  ["EWHATEVER", /^cannot listen on port 80: the system's message$/],
] as const;

for (const [code, expected] of SYSTEM_ERRORS) {
  test(`If the emulator cannot listen because of ${code}, the error says what to do`, () => {
    const error = Object.assign(new Error("the system's message"), { code });
    assert.match(listenFailure(error, { hostname: "example", port: 80 }), expected);
  });
}

test("The emulator has the task definition for which it prints a command, even after a restart", async () => {
  await withStateFile(async (path) => {
    for (const attempt of ["first start", "restart"]) {
      const emulator = startAcs(["emulate", "--port", "0", "--state", path]);
      const [, taskDefinition, url = ""] = await emulator.output(
        /aws ecs run-task --task-definition (\S+)[^]*ECS and ACS are at (\S+)/,
      );

      const { body } = await callEcs({ url }, "DescribeTaskDefinition", { taskDefinition });

      assert.equal(Object(body.taskDefinition).revision, 1, attempt);
      await emulator.output(/< DescribeTaskDefinition/);
      emulator.signal("SIGTERM");
      assert.equal((await emulator.ended).code, 0);
    }
  });
});

test("With --require-registration, an agent that has not registered is refused", async () => {
  const args = ["emulate", "--port", "0", "--require-registration", "--format", "json"];
  const emulator = startAcs(args);
  const [, url = ""] = await emulator.output(/"url":"([^"]+)"/);
  const { status } = await callEcs({ url }, "DiscoverPollEndpoint", { containerInstance: "arn:x" });
  assert.equal(status, 400);
  await emulator.output(/"event":"refused","request":"DiscoverPollEndpoint"/);
  emulator.signal("SIGTERM");
  await emulator.ended;
});
