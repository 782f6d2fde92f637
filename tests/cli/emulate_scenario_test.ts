import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseTrace } from "../../emulator/mod.ts";
import { DEV_CONFIG, runAcs, startAcs } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

/** The attributes that the schema junit-10.xsd of Jenkins' xUnit plugin allows. */
const JUNIT_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  testsuites: ["name", "time", "tests", "failures", "errors"],
  testsuite: ["name", "tests", "failures", "errors", "time", "skipped", "timestamp", "file"],
  testcase: ["name", "time", "classname", "group"],
  failure: ["type", "message"],
  skipped: ["type", "message"],
};

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** The dry-run agent as a command. */
const AGENT = [
  process.execPath,
  ..."Deno" in globalThis ? ["run", "--quiet", "--config", DEV_CONFIG, "-A"] : [],
  MAIN,
  "run",
];

/** A temporary folder that is removed at the end of a block. */
async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "acs-scenario-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Passes the path of a scenario's file to a test. */
async function withScenario(
  scenario: unknown,
  fn: (file: string) => Promise<void>,
): Promise<void> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "scenario.json");
  await writeFile(file, JSON.stringify(scenario));
  await fn(file);
}

/** Arguments for playing a scenario, with the trace next to its file. */
function onFile(file: string): string[] {
  return ["emulate", "--scenario", file, "--trace", `${file}l`];
}

for (
  const [name, url] of [
    ["task_lifecycle", new URL("../../examples/scenarios/task_lifecycle.json", import.meta.url)],
    ["bad_network", new URL("../../examples/scenarios/bad_network.json", import.meta.url)],
    [
      "credentials_and_manifest",
      new URL("../../examples/scenarios/credentials_and_manifest.jsonl", import.meta.url),
    ],
  ] as const
) {
  test(`The dry-run agent passes the example ${name}`, async () => {
    await using folder = await temporaryFolder();
    const trace = join(folder.path, "trace.jsonl");
    const args = ["emulate", "--scenario", fileURLToPath(url), "--trace", trace, "--", ...AGENT];

    const { code, stdout, stderr } = await runAcs(args);

    assert.match(stdout, /\nPassed: \d+ steps in \d+\.\d{3} s\.\n$/);
    assert.doesNotMatch(stdout, /FAILED|skipped/);
    assert.equal(code, 0);
    // What the agent itself reports.
    assert.match(stderr, /connected/);
    assert.doesNotMatch(stdout + stderr, /wJalrXUtnFEMI|SecretAccessKey/i);
  });
}

test("A scenario waits for an agent that is started elsewhere, and says how to point it here", () =>
  withScenario({ steps: [{ expect: "connected" }, { pause: 1 }] }, async (file) => {
    const emulator = startAcs([...onFile(file), "--verbose"]);
    const [, url] = await emulator.output(/export AWS_ENDPOINT_URL_ECS=(\S+)/);
    const agent = startAcs(["run"], {
      AWS_ENDPOINT_URL_ECS: url ?? "",
      AWS_REGION: "us-west-2",
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      ACS_CONTAINER_INSTANCE_ARN: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/1",
    });

    const { code, stdout } = await emulator.ended;
    agent.signal("SIGKILL");
    await agent.ended;

    assert.equal(code, 0);
    assert.match(stdout, / {2}ok +1 connected/);
    assert.match(stdout, /\d {2}> HeartbeatMessage/);
  }));

test("As JSON, each step is one object, and the last one says whether all steps passed", () =>
  withScenario(
    { name: "json", steps: [{ expect: "connected", within: 1 }, { do: "run-task" }] },
    async (file) => {
      const { code, stdout } = await runAcs([
        ...onFile(file),
        "--format",
        "json",
      ]);
      const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

      assert.deepEqual(events.map(({ event, outcome, passed }) => [event, outcome ?? passed]), [
        ["listening", undefined],
        ["step", "failed"],
        ["step", "skipped"],
        ["scenario", false],
      ]);
      assert.equal(code, 1);
    },
  ));

test("A failed step shows what was sent, and why the emulator refused it", () =>
  withScenario({
    name: "why",
    steps: [{ expect: "connected", within: 2_000 }, { do: "run-task" }],
  }, async (file) => {
    const emulator = startAcs([...onFile(file), "--reporter", "github"]);
    const [, url = ""] = await emulator.output(/export AWS_ENDPOINT_URL_ECS=(\S+)/);
    const refused = await fetch(`${url}/ws`, { headers: { "x-agent": "unsigned" } });
    await refused.body?.cancel();
    const discovered = await fetch(url, {
      method: "POST",
      body: "{}",
      headers: {
        "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint",
        "Content-Type": "application/x-amz-json-1.1",
      },
    });
    await discovered.body?.cancel();

    const { code, stdout } = await emulator.ended;

    assert.equal(code, 1);
    assert.match(
      stdout,
      /FAILED +1 connected within 2000 ms .*\n {14}it did not happen within 2000 ms\n(?: {14}.*\n)* {14}- refused DiscoverPollEndpoint \(\d+ \w+\): .*/,
    );
    assert.match(
      stdout,
      /^::error file=.*scenario\.json,line=1,title=why%3A step 1%2C connected within 2000 ms::it did not happen within 2000 ms%0A- refused/m,
    );
  }));

test("A failed scenario prints the path of its trace in the temporary directory", () =>
  withScenario(
    { name: "no agent", steps: [{ do: "run-task" }, { expect: "connected", within: 1 }] },
    async (file) => {
      const folder = dirname(file);
      const env = { TMPDIR: folder, TEMP: folder, TMP: folder };

      const { code, stdout } = await runAcs(["emulate", "--scenario", file], env);

      assert.equal(code, 1);
      const [, trace = ""] = stdout.match(
        / s\. Trace: (.*acs-trace-\d{8}-\d{6}\.jsonl)\nTo view it: npx @acs\/session show /,
      ) ?? [];
      assert.equal(dirname(trace), folder);
      const { header } = parseTrace(await readFile(trace, "utf8"), trace);
      assert.equal(header.scenario, "no agent");
      assert.match(header.producer, /^acs emulate \d/);
    },
  ));

test("A trace that cannot be written is reported in one line, exit code 2", () =>
  withScenario({ steps: [{ pause: 1 }] }, async (file) => {
    const args = ["emulate", "--scenario", file, "--trace", file];

    const { code, stderr } = await runAcs(args);

    assert.equal(
      stderr,
      `error: The trace ${file} cannot be written: a file that is not a trace already exists there\n`,
    );
    assert.equal(code, 2);
  }));

test("As JUnit's XML, each step is a test case, with its failure and its line", () =>
  withScenario(
    {
      name: 'a <b> & "c"',
      steps: [{ pause: 1 }, { expect: "connected", within: 1 }, { pause: 1 }],
    },
    async (file) => {
      const { code, stdout } = await runAcs([...onFile(file), "--reporter", "junit"]);
      assert.equal(code, 1);
      const cases = stdout.match(/<testcase /g) ?? [];
      assert.equal(cases.length, 3);
      assert.match(
        stdout,
        /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites tests="3" failures="1" errors="0"/,
      );
      assert.match(
        stdout,
        /<testsuite name="a &lt;b&gt; &amp; &quot;c&quot;" file="\S+" tests="3"/,
      );
      assert.match(
        stdout,
        /name="2 connected within 1 ms" .* time="[\d.]+"><failure message="it did not happen within 1 ms">\S+:1&#10;nothing happened<\/failure>/,
      );
      assert.match(stdout, /<skipped\/>/);
      for (const [, element = "", attributes = ""] of stdout.matchAll(/<(\w+)( [^>]*)?>/g)) {
        const names = Array.from(attributes.matchAll(/ (\w+)="/g), ([, name = ""]) => name);
        const allowed = JUNIT_ATTRIBUTES[element] ?? [];
        assert.deepEqual(names.filter((name) => !allowed.includes(name)), [], element);
      }
      assert.match(stdout, /<\/testsuites>\n$/);
    },
  ));

test("An agent that ends early fails the scenario, and the exit code says so", () =>
  withScenario({ steps: [{ expect: "connected" }] }, async (file) => {
    const agent = [process.execPath, "--version"];

    const { code, stdout, stderr } = await runAcs([...onFile(file), "--", ...agent]);

    assert.match(stdout, /FAILED +1 connected .*\n +the agent ended with exit code 0/);
    assert.match(stderr, /\d+\.\d+\.\d+/);
    assert.equal(code, 1);
  }));

test("An agent that cannot be started is reported in one line", () =>
  withScenario({ steps: [{ expect: "connected" }] }, async (file) => {
    const { code, stderr } = await runAcs([...onFile(file), "--", "/no/such/agent"]);

    assert.match(
      stderr,
      /^error: cannot start the agent \/no\/such\/agent: there is no such program; .*\n$/,
    );
    assert.equal(code, 2);
  }));

test("An agent is ended with the scenario, and Ctrl-C ends both", () =>
  withScenario({ steps: [{ expect: "connected" }, { pause: 600_000 }] }, async (file) => {
    const emulator = startAcs([...onFile(file), "--", ...AGENT]);
    await emulator.output(/ok +1 connected/);

    emulator.signal("SIGINT");
    const { code, stdout, stderr } = await emulator.ended;

    assert.match(stdout, /stopped +2 pause for 600000 ms .*\n\nInterrupted at step 2 of 2 in /);
    assert.match(stderr, /agent \| Stopped\. /);
    assert.equal(code, 130);
  }));

test("The whole scenario has its own time limit", () =>
  withScenario({ steps: [{ pause: 600_000 }] }, async (file) => {
    const { code, stdout } = await runAcs([...onFile(file), "--timeout", "5"]);

    assert.match(stdout, /the scenario's time limit of 5 ms is over/);
    assert.equal(code, 1);
  }));

test("An invalid scenario is reported on stderr with file, step and field, and the exit code is 2", () =>
  withScenario({ steps: [{ do: "run-task", as: 1 }, { pause: "x" }] }, async (file) => {
    const { code, stdout, stderr } = await runAcs([...onFile(file)]);

    const lines = stderr.trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => line.replace(file, "FILE")), [
      "error: FILE:1: step 1: as: expected string, got number",
      "error: FILE:1: step 2: pause: expected number, got string",
    ]);
    assert.equal(stdout, "");
    assert.equal(code, 2);
  }));

for (
  const [what, file, why] of [
    ["A missing scenario file", "/no/such/scenario.json", "there is no such file; check its path"],
    ["A directory as scenario file", tmpdir(), "it is a directory; give the path of a file"],
    ["An endless scenario file", "/dev/zero", "it has more than 16 MiB"],
  ] as const
) {
  test(`${what} is reported in one line, exit code 2`, async () => {
    const { code, stderr } = await runAcs(["emulate", "--scenario", file]);

    assert.equal(stderr, `error: cannot read the scenario ${file}: ${why}\n`);
    assert.equal(code, 2);
  });
}
