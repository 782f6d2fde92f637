import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { DEV_CONFIG, runAcs } from "../testing/programs/acs_command.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const REGION = ["--region", "us-west-2"];
const ARN = ["--container-instance-arn", CONTAINER_INSTANCE_ARN];

for (
  const [args, complaint] of [
    [["no-such-command"], /unknown command/],
    [["run"], /--container-instance-arn/],
    [["run", ...REGION], /--container-instance-arn/],
    [["run", "--regon", "eu-west-1"], /unknown option '--regon'; did you mean --region\?/],
    [["run", "--endpoint", "x"], /unknown option '--endpoint'; did you mean --endpoint-url\?/],
    [["run", "--region", "eu-west-1", ...ARN], /is in us-west-2, .* use --region us-west-2/],
    [["run", ...ARN, "--cluster", "other"], /belongs to the cluster default/],
    [["run", ...ARN, "--within", "30s"], /--within needs --until/],
    [["run", ...ARN, "--until", "connected", "--within", "30"], /duration such as/],
    [["run", ...ARN, "--metrics-port", "65536"], /from 0 to 65535/],
    [["rn"], /unknown command 'rn'; did you mean run\?/],
    [["completion", "tcsh"], /Allowed choices are bash, zsh, fish/],
    [["send"], /missing required argument 'operation'/],
    [["send", "run-tsk"], /no operation run-tsk; did you mean run-task\?/],
    [["send", "run-task", "family"], /family is not of the form key=value/],
    [["send", "run-task", "famly=web"], /run-task: task: famly/],
    [["send", "state", "--url", "localhost:4570"], /http: or https: URL/],
    [["run", ...REGION, "--container-instance-arn", "0123"], /must be an ARN/],
    [["run", ...REGION, ...ARN, "--endpoint-url", "ftp://example"], /http: or https: URL/],
    [["run", ...REGION, ...ARN, "--format", "xml"], /Allowed choices are text, json/],
    [["run", ...REGION, ...ARN, "--log-level", "loud"], /Allowed choices/],
    [["run", ...REGION, ...ARN, "--no-such-flag"], /unknown option/],
    [["run", "--region", "bad_region", ...ARN], /region/],
    [["run", ...REGION, ...ARN, "--agent-version", ""], /--agent-version.*must not be empty/],
    [["run", ...REGION, ...ARN, "extra"], /too many arguments/],
    [["run", ...ARN, "--endpoint-url", ""], /--endpoint-url.*must not be empty/],
    [["run", ...ARN, "--region", ""], /--region.*must not be empty/],
    [["send", "run-task", "family=a", "family=b"], /family is given twice/],
    [
      ["send", "run-task", "task=5", "task.cpu=1"],
      /task already has a value, so it cannot have the field cpu/,
    ],
    [["send", "list", "run-tsk"], /no operation run-tsk; did you mean run-task\?/],
    [["emulate", "--port", "65536"], /from 0 to 65535/],
    [["emulate", "--heartbeat", "soon"], /whole number/],
    [["emulate", "--heartbeat", "2-1"], /shorter time comes first/],
    [["emulate", "--heartbeat", "1-2-3"], /like 5000 or 20000-40000/],
    [["emulate", "--container-instance", "i-0123"], /ARN of a container instance/],
    [["emulate", "--exception-form", "odd"], /Allowed choices are framed, bare/],
    [["emulate", "--credentials", "env"], /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
    [["emulate", "--timeout", "1"], /--timeout needs a scenario/],
    [["emulate", "--speed", "2"], /--speed needs a trace: use it with --replay/],
    [["emulate", "--replay", "t.jsonl", "--speed", "0"], /must be a number greater than 0/],
    [["emulate", "--replay", "t.jsonl", "--scenario", "s.json"], /cannot be used with/],
    [["record"], /no region is set: use --region or AWS_REGION/],
    [["record", "--upstream", "ftp://x"], /--upstream must be an http: or https: URL/],
    [["emulate", "--reporter", "junit"], /--reporter needs a scenario/],
    [["emulate", "--traffic", "--scenario", "s.json"], /cannot be used with/],
    [["emulate", "--hostname", ""], /'--hostname <address>' argument '' is invalid.*be empty/],
    [["emulate", "--region", " "], /'--region <region>'.*must not be empty/],
    [["emulate", "--state", ""], /'--state <file>'.*must not be empty/],
    [["emulate", "--scenario", ""], /'--scenario <file>'.*must not be empty/],
    [["emulate", "--control-token", ""], /'--control-token <token>'.*must not be empty/],
    [["emulate", "--public-url", ""], /'--public-url <url>'.*must not be empty/],
    [["emulate", "--cluster", ""], /'--cluster <name or ARN>'.*name or the ARN of a cluster/],
    [["emulate", "--cluster", CONTAINER_INSTANCE_ARN], /name or the ARN of a cluster/],
    [["emulate", "--port", ""], /from 0 to 65535/],
    [["emulate", "--clock-skew", "soon"], /'--clock-skew <duration>'.*a duration such as/],
    [["demo", "--no-color", "extra"], /too many arguments/],
    [["emulate", "--public-url", "acs.example"], /^error: --public-url must be an http: or https:/],
    [
      ["emulate", "--heartbeet", "1000"],
      /unknown option '--heartbeet'; did you mean --heartbeat\?/,
    ],
    [["demo", "extra"], /too many arguments/],
  ] as const
) {
  test(`acs ${args.join(" ")} is explained on stderr, exit code 2`, async () => {
    const { code, stdout, stderr } = await runAcs(args);
    assert.match(stderr, complaint);
    const lines = stderr.trimEnd().split("\n");
    assert.equal(lines.length, 2, stderr);
    assert.match(lines[0] ?? "", /^error: /);
    assert.match(
      lines[1] ?? "",
      /^Run "npx @acs\/session( \w+)? --help" for (all flags|the commands)\.$/,
    );
    assert.equal(stdout, "");
    assert.equal(code, 2);
  });
}

test("An unusable endpoint in the environment is a usage error, too", async () => {
  const { code, stdout, stderr } = await runAcs(["run", ...REGION, ...ARN], {
    AWS_ENDPOINT_URL: "gopher://example",
  });
  assert.match(stderr, /must be an http: or https: URL without user name/);
  assert.match(stderr, /\nRun "npx @acs\/session run --help" for all flags\.\n$/);
  assert.equal(stdout, "");
  assert.equal(code, 2);
});

test("Requested help, and the version, are printed to stdout with exit code 0", async () => {
  const commandLines = [["--help"], ["help"], ["help", "run"], ["run", "--help"], ["--version"], [
    "version",
  ]];
  for (const args of commandLines) {
    const { code, stdout, stderr } = await runAcs(args);
    assert.match(stdout, /Usage: acs|^\d+\.\d+\.\d+\n$/);
    assert.equal(stderr, "");
    assert.equal(code, 0);
  }
});

test("Every command has two examples, its exit codes, and flags of at most 80 columns in its help", async () => {
  const { stdout: overview } = await runAcs(["--help"]);
  const names = Array.from(overview.matchAll(/^ {2}([a-z]+) {2,}\S/gm), ([, name = ""]) => name);
  const commands = names.filter((name) => !/^\d|^options/.test(name));
  assert.deepEqual(
    ["completion", "demo", "emulate", "run", "send"].filter((name) => !commands.includes(name)),
    [],
  );
  for (const name of commands) {
    const { code, stdout } = await runAcs([name, "--help"]);
    assert.equal(code, 0);
    const examples = stdout.split("Examples:\n")[1]?.split("\n\n")[0]?.split("\n") ?? [];
    assert.ok(examples.length >= 2, `${name} has ${examples.length} examples`);
    // The bare name belongs to another package on npm. Completion is for users who have installed
    // acs.
    const bare = examples.filter((line) => !line.includes(`npx @acs/session ${name}`));
    assert.deepEqual(name === "completion" ? [] : bare, []);
    assert.match(stdout, /\nExit codes:\n {2}0 /);
    assert.deepEqual(stdout.split("\n").filter((line) => line.length > 80), [], name);
  }
});

test("acs send list shows all operations, or the fields of one", async () => {
  assert.match((await runAcs(["send", "list"])).stdout, /^run-task +Runs a task/m);
  const { code, stdout } = await runAcs(["send", "list", "inject-fault"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Fields:\n {2}containerInstanceArn\n {2}fault\n {2}next$/m);
});

for (const shell of ["bash", "zsh", "fish"]) {
  test(`acs completion ${shell} knows the commands, their flags and the emulator's operations`, async () => {
    const { code, stdout, stderr } = await runAcs(["completion", shell]);
    assert.equal(code, 0, stderr);
    for (const word of ["emulate", "container-instance-arn", "inject-fault"]) {
      assert.ok(stdout.includes(word), `${word} is not completed`);
    }
  });
}

test("The script for bash is one that bash understands, and it completes", async () => {
  const { stdout: script } = await runAcs(["completion", "bash"]);
  const complete = (words: string[]) =>
    run("bash", [
      "-c",
      `${script}
COMP_WORDS=(${
        words.join(" ")
      }); COMP_CWORD=$((${words.length} - 1)); _acs; echo "\${COMPREPLY[@]}"`,
    ]);
  const commands = await complete(["acs", "em"]);
  // If bash is not installed, this cannot be tested.
  if (commands === undefined) return;
  assert.equal(commands, "emulate\n");
  assert.equal(await complete(["acs", "run", "--unt"]), "--until\n");
  assert.equal(await complete(["acs", "send", "run-"]), "run-task\n");
  assert.equal(await complete(["acs", "run", "--format", "j"]), "json\n");
  assert.equal(await complete(["acs", "explain", "ACS-N01"]), "ACS-N01\n");
  // The shell itself completes file names.
  assert.equal(await complete(["acs", "emulate", "--scenario", "s"]), "\n");
  assert.equal(await complete(["acs", "emulate", "--", "em"]), "\n");
});

/** Runs a program; `undefined` if it is not installed. */
function run(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], (error, stdout) => {
      if (error === null) return resolve(stdout);
      if ("code" in error && error.code === "ENOENT") return resolve(undefined);
      reject(error);
    });
  });
}

test("A command whose output cannot be written reports it, exit code 1", async () => {
  // Only Linux has /dev/full.
  const full = await open("/dev/full", "w").catch(() => undefined);
  if (full === undefined) return;
  const args = "Deno" in globalThis ? ["run", "--config", DEV_CONFIG, "-A", MAIN] : [MAIN];
  const child = spawn(process.execPath, [...args, "explain"], {
    stdio: ["ignore", full.fd, "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (data) => stderr += String(data));
  const [code] = await once(child, "close");
  await full.close();
  assert.match(stderr, /^error: .*ENOSPC/);
  assert.equal(code, 1);
});

test("An empty variable counts as unset, and the next one is used", async () => {
  const { code, stderr } = await runAcs(["run", ...ARN], {
    AWS_REGION: "",
    AWS_DEFAULT_REGION: "us-west-2",
    AWS_ENDPOINT_URL_ECS: "",
    AWS_ENDPOINT_URL: "gopher://example",
  });
  assert.match(stderr, /must be an http: or https: URL without user name/);
  assert.equal(code, 2);
});

if (!("Deno" in globalThis)) {
  test("A Node that is too old is named in one line, before anything else is loaded", async () => {
    const pretend = "Object.defineProperty(process, 'versions', " +
      "{ value: { ...process.versions, node: '20.1.0' } })";
    const args = ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, MAIN];
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [...args, "--version"],
        (error, _stdout, stderr) => resolve({ code: error?.code ?? 0, stderr }),
      );
    });
    assert.equal(stderr, "acs needs Node 22.13 or later; this is Node 20.1.0\n");
    assert.equal(code, 1);
  });
}
