/**
 * Runs the code blocks of the documents: TypeScript, JavaScript and command lines; parses the rest.
 * What is not run is listed in documents/not_run.ts.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseAllDocuments } from "yaml";
import { AcsEmulator, parseScenario } from "../../emulator/mod.ts";
import { DEFAULT_TIMING } from "../../session/timing.ts";
import { test } from "../testing/test.ts";
import { MODULES, writeBlockModules } from "./documents/block_modules.ts";
import { type CodeBlock, codeBlocks, placeOf, ROOT } from "./documents/code_blocks.ts";
import { commandLinesOf, dockerfileInstructions } from "./documents/command_lines.ts";
import { isRun, NOT_RUN } from "./documents/not_run.ts";
import { shellWorkspace } from "./documents/shell_workspace.ts";
import { workflowProblems } from "./documents/workflow_problems.ts";

/** Languages of output and wire formats: not code. */
const NOT_CODE = ["", "text", "http"];

/** Languages with command lines. */
const COMMANDS = ["sh", "ini", "yaml", "dockerfile"];

/** Programs for other languages that examples need; a test's name says which are missing. */
const OPTIONAL_PROGRAMS = ["python3", "pytest", "go"];

/** The instructions of a Dockerfile that the documents may use. */
const DOCKERFILE_INSTRUCTIONS =
  /^(?:FROM|WORKDIR|COPY|RUN|USER|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK)$/;

const blocks = await codeBlocks();
const missing = (await Promise.all(OPTIONAL_PROGRAMS.map(async (name) => ({
  name,
  isMissing: await canRun(name) === false,
})))).filter(({ isMissing }) => isMissing).map(({ name }) => name);

function canRun(program: string): Promise<boolean> {
  return new Promise((resolve) => {
    const argument = program === "go" ? "version" : "--version";
    execFile(program, [argument], (error) => resolve(error === null));
  });
}

function blocksIn(languages: readonly string[]): CodeBlock[] {
  return blocks.filter(({ language }) => languages.includes(language));
}

test("Every code block in a document is in a language that is run or parsed, or that is not code", () => {
  const known = [...NOT_CODE, ...MODULES, ...COMMANDS, "json", "jsonl"];
  const unknown = blocks.filter(({ language }) => !known.includes(language));
  assert.deepEqual(unknown.map((block) => `${placeOf(block)}: ${block.language}`), []);
});

test("Every shell block runs the command as npx @acs/session, since acs is a different package on npm", () => {
  const bare = blocksIn(["sh"]).filter(({ code }) => /^\s*acs /m.test(code));
  assert.deepEqual(bare.map(placeOf), []);
});

test("Everything that is listed as not run is in a document", () => {
  const unused = NOT_RUN.filter(({ document, start }) =>
    !blocks.some((block) =>
      (document === undefined || document === block.document) &&
      [block.code, ...commandLinesOf(block)].some((code) => code.startsWith(start))
    )
  );
  assert.deepEqual(unused, []);
});

// `deno task check:types` type-checks them, in one program with the sources.
test("Every TypeScript and JavaScript block in the documents runs", async () => {
  const folder = await mkdtemp(join(ROOT, ".blocks-"));
  try {
    const modules = await writeBlockModules(folder);
    const list = modules.map(({ place, file, isAgent }) =>
      `{ place: ${JSON.stringify(place)}, isAgent: ${isAgent}, load: () => import("./${file}") }`
    );
    const main = join(folder, "main.ts");
    await writeFile(
      main,
      `import { runModules } from "../tests/repository/documents/run_modules.ts";\n` +
        `await runModules([${list.join(",\n")}]);\n`,
    );
    const args = ["--no-check", "--config", join(ROOT, "deno.dev.json"), main];
    const { code, output } = await denoRun(args, ROOT);
    assert.equal(code, 0, output);
    assert.equal(output.match(/^ran /gm)?.length, modules.length, output);
  } finally {
    await rm(folder, { recursive: true });
  }
});

function denoRun(args: readonly string[], cwd: string): Promise<ProgramResult> {
  return runProgram(process.execPath, ["run", "--quiet", "-A", ...args], cwd);
}

interface ProgramResult {
  readonly code: number;
  readonly output: string;
}

function runProgram(program: string, args: readonly string[], cwd: string): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}

const leftOut = missing.length === 0
  ? ""
  : `, except those with ${missing.join(" and ")}, which are not installed`;

test(`Every command line in the documents works${leftOut}`, async () => {
  await using emulator = await AcsEmulator.listen();
  await using workspace = await shellWorkspace(emulator.url);
  const scripts = new Map(
    blocksIn(COMMANDS).map((block) => {
      const lines = commandLinesOf(block)
        .filter((line) => isRun(block.document, line))
        .filter((line) => !missing.some((name) => new RegExp(`\\b${name}\\b`).test(line)));
      // A command that appears in several forms runs only once.
      return [Array.from(new Set(lines)).join("\n"), placeOf(block)];
    }),
  );
  scripts.delete("");
  const waiting = [...scripts];
  const failures: string[] = [];
  const runNext = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [script, place] = next;
      const { code, output } = await workspace.run(script);
      if (code !== 0) failures.push(`${place} exits with ${code}:\n${script}\n${output}`);
    }
  };
  // Most of them wait most of the time.
  await Promise.all(Array.from({ length: 4 }, runNext));
  const advice = "What cannot run here is listed in tests/repository/documents/not_run.ts.";
  assert.deepEqual(failures, [], [...failures, advice].join("\n"));
});

test("Every JSON block in the documents is JSON, and every scenario in them is valid", () => {
  for (const { language, code, ...block } of blocksIn(["json", "jsonl"])) {
    const place = placeOf({ language, code, ...block });
    for (const text of language === "jsonl" ? code.trim().split("\n") : [code]) {
      try {
        const value: unknown = JSON.parse(text);
        if (typeof value === "object" && value !== null && "steps" in value) {
          parseScenario(text, place);
        }
      } catch (error) {
        assert.fail(`${place}: ${error}`);
      }
    }
  }
});

test("Every YAML block and Dockerfile in the documents is well-formed, and workflows fit GitHub's schema", () => {
  for (const block of blocksIn(["yaml"])) {
    const problems = parseAllDocuments(block.code).flatMap(({ errors }) =>
      errors.map(({ message }) => message)
    );
    assert.deepEqual(problems, [], placeOf(block));
    if (/^jobs:/m.test(block.code)) {
      assert.deepEqual(workflowProblems(placeOf(block), block.code), []);
    } else assert.match(block.code, /^apiVersion: \w+\/?\w*\nkind: \w+\n/, placeOf(block));
  }
  for (const block of blocksIn(["dockerfile"])) {
    const instructions = dockerfileInstructions(block.code);
    assert.equal(instructions[0]?.[0], "FROM", placeOf(block));
    for (const [name] of instructions) {
      assert.match(name, DOCKERFILE_INSTRUCTIONS, placeOf(block));
    }
  }
});

test("The workflows of this repository fit GitHub's schema", async () => {
  const folder = join(ROOT, ".github", "workflows");
  const names = await readdir(folder);
  assert.ok(names.includes("ci.yml") && names.includes("publish.yml"));
  for (const name of names) {
    assert.deepEqual(workflowProblems(name, await readFile(join(folder, name), "utf8")), []);
  }
  const misspelled = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    step: []\n";
  assert.match(
    workflowProblems("misspelled.yml", misspelled).join("\n"),
    /Unexpected value 'step'/,
  );
});

test("Every unit and manifest in the documents gives a session enough time to stop", () => {
  const { drainTimeoutMs, closeTimeoutMs } = DEFAULT_TIMING;
  const limits = blocks.flatMap((block) =>
    Array.from(
      block.code.matchAll(/^\s*(?:TimeoutStopSec=|terminationGracePeriodSeconds: )(\d+)$/gm),
      ([, seconds]) => ({ place: placeOf(block), ms: Number(seconds) * 1000 }),
    )
  );
  assert.ok(limits.length >= 2);
  for (const { place, ms } of limits) assert.ok(ms > drainTimeoutMs + closeTimeoutMs, place);
});

test("Every probe in a manifest goes to a port of its container, and to a path of the sample server", () => {
  const deployment = blocks.filter(({ document }) => document === "docs/deployment.md");
  const [server] = deployment.filter(({ code }) => code.includes("createServer("));
  assert.ok(server);
  const [manifest] = deployment.filter(({ language }) => language === "yaml");
  assert.ok(manifest);
  const [, port] = /\.listen\((\d+)\)/.exec(server.code) ?? [];
  assert.match(manifest.code, new RegExp(`containerPort: ${port}\\n`));
  const probes = Array.from(
    manifest.code.matchAll(/httpGet:\s+path: (\S+)\s+port: (\d+)/g),
    ([, path, port]) => ({ path, port }),
  );
  assert.deepEqual(probes, [{ path: "/healthz", port }, { path: "/readyz", port }]);
  assert.ok(server.code.includes('"/readyz"'));
});

const verifiesUnits = await canRun("systemd-analyze");

test(
  `Every unit in the documents is valid${
    verifiesUnits ? "" : ", not verified: systemd-analyze is not installed"
  }`,
  async () => {
    const units = blocksIn(["ini"]).filter(({ code }) => code.includes("[Unit]"));
    assert.ok(units.length > 0);
    if (!verifiesUnits) return;
    const folder = await mkdtemp(join(tmpdir(), "acs-units-"));
    try {
      for (const [index, { code }] of units.entries()) {
        const path = join(folder, `unit-${index}.service`);
        await writeFile(path, code.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
        const { code: exit, output } = await runProgram(
          "systemd-analyze",
          ["verify", path],
          folder,
        );
        assert.deepEqual({ exit, output }, { exit: 0, output: "" });
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test("The agent in the README is the one in examples/minimal_agent", async () => {
  const agent = await readFile(join(ROOT, "examples", "minimal_agent", "agent.ts"), "utf8");
  const samples = blocks.filter(({ document }) => document === "README.md");
  assert.ok(samples.some(({ code }) => code === agent), "copy the file into the README");
});

test("The deno.json in docs/recipes/use_the_clone.md makes a clone the package", async () => {
  const config = blocks.find(({ document, language }) =>
    document === "docs/recipes/use_the_clone.md" && language === "json"
  );
  assert.ok(config);
  const folder = await mkdtemp(join(tmpdir(), "acs-clone-"));
  try {
    await writeFile(join(folder, "deno.json"), config.code.replace("../acs-session", ROOT));
    const program =
      'import "@acs/session"; import { AcsEmulator } from "@acs/session/emulator";\n' +
      "if (!AcsEmulator.listen) throw new Error();\n";
    await writeFile(join(folder, "main.ts"), program);
    const { code, output } = await denoRun(["--no-check", join(folder, "main.ts")], folder);
    assert.equal(code, 0, output);
  } finally {
    await rm(folder, { recursive: true });
  }
});
