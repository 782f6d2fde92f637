/**
 * Creates a folder in which the documents' command lines run as on a user's machine: with the
 * commands `acs` and `deno`, the clone and its examples, and an emulator.
 *
 * @module
 */

import { execFile } from "node:child_process";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { EXAMPLE_CREDENTIALS, formatTrace } from "../../../emulator/mod.ts";
import { ROOT } from "./code_blocks.ts";

/** How long a script may take, in ms. */
const TIMEOUT_MS = 60_000;

/** The port of the emulator in the documents. Scripts get the one of the test's emulator instead. */
const DOCUMENTED_PORT = /\b(?:localhost|127\.0\.0\.1):45[17]0\b/g;

/** A trace that every agent can replay. */
const TRACE = formatTrace([
  { number: 1, at: 0, event: "connected", connectionId: 1, containerInstanceArn: "arn:aws:ecs" },
], { producer: "a test", at: 0 });

/** A line of a real agent's log. */
const AGENT_LOG = 'level=info time=2025-09-13T05:58:04Z msg="Connected to ACS endpoint"\n';

/** Time within which programs must exit after their script, in ms. */
const END_TIMEOUT_MS = 5_000;

/** The file with the process id of a program that a script started with the fake npx. */
const STARTED = "started.pid";

/** A scenario that every agent passes. */
const SCENARIO = {
  steps: [
    { expect: "connected", within: 20_000 },
    { do: "run-task", as: "web" },
    { expect: "ack", messageId: "$web.messageId" },
  ],
};

/** How a script ended. */
export interface ScriptResult {
  readonly code: number;
  readonly output: string;
}

/** The folder. */
export interface ShellWorkspace extends AsyncDisposable {
  /** Runs a script in it with bash, and stops at the first command that fails. */
  run(script: string): Promise<ScriptResult>;
}

/**
 * Creates the folder.
 *
 * @param emulatorUrl The URL of an emulator, for scripts that need one that is already running.
 */
export async function shellWorkspace(emulatorUrl: string): Promise<ShellWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), "acs-documents-"));
  const bin = join(folder, "bin");
  await mkdir(bin);
  for (const [name, script] of Object.entries(commands(emulatorUrl))) {
    await writeFile(join(bin, name), `#!/usr/bin/env bash\n${script}`);
    await chmod(join(bin, name), 0o755);
  }
  await symlink(ROOT, join(folder, "acs-session"));
  let scripts = 0;
  const run = async (script: string) => {
    const cwd = join(folder, `script_${++scripts}`);
    await mkdir(cwd);
    await fill(cwd);
    const { host } = new URL(emulatorUrl);
    // One agent each: two agents of the same container instance would disconnect each other.
    const containerInstanceArn =
      `arn:aws:ecs:us-west-2:111122223333:container-instance/default/${scripts}`;
    const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|ECS|ACS)_/.test(name));
    const env = {
      ...Object.fromEntries(inherited),
      PATH: `${bin}:${process.env.PATH}`,
      NO_COLOR: "1",
      // For the traces of scenarios.
      TMPDIR: cwd,
      // For the fixture of pytest, which stops the emulator itself.
      ACS_COMMAND: "like-npx env STOPPED_BY_EMULATOR=1 acs",
      AWS_ENDPOINT_URL_ECS: emulatorUrl,
      AWS_REGION: "us-west-2",
      AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
      ACS_CONTAINER_INSTANCE_ARN: containerInstanceArn,
      ARN: containerInstanceArn,
    };
    const result = await bash(script.replaceAll(DOCUMENTED_PORT, host), { cwd, env });
    return await isLeftBehind(join(cwd, STARTED))
      ? { code: 1, output: `${result.output}It left a program running.` }
      : result;
  };
  return { run, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Copies the files that the documents name into a script's folder. */
async function fill(cwd: string): Promise<void> {
  const files = {
    "agent.ts": "examples/minimal_agent/agent.ts",
    "my_agent.py": "examples/python_agent/agent.py",
  };
  for (const [name, path] of Object.entries(files)) {
    await copyFile(join(ROOT, path), join(cwd, name));
  }
  await writeFile(join(cwd, "scenario.json"), JSON.stringify(SCENARIO));
  await writeFile(join(cwd, "trace.jsonl"), TRACE);
  await writeFile(join(cwd, "ecs-agent.log"), AGENT_LOG);
  await symlink(join(ROOT, "examples"), join(cwd, "examples"));
}

/**
 * Whether the program with the process id in the file is still running after the time limit. If so,
 * it is killed.
 */
async function isLeftBehind(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, "utf8").catch(() => ""));
  if (pid === 0) return false;
  for (const end = Date.now() + END_TIMEOUT_MS; Date.now() < end;) {
    try {
      process.kill(pid, 0);
    } catch {
      return false;
    }
    await delay(20);
  }
  process.kill(pid, "SIGKILL");
  return true;
}

function bash(
  script: string,
  options: { readonly cwd: string; readonly env: Record<string, string | undefined> },
): Promise<ScriptResult> {
  return new Promise((resolve) => {
    const args = ["-euo", "pipefail", "-c", script];
    execFile("bash", args, { ...options, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}

/** The commands of the folder, by name. */
function commands(emulatorUrl: string): Record<string, string> {
  const deno = process.execPath;
  const config = `--quiet --config ${join(ROOT, "deno.dev.json")}`;
  return {
    // For programs that run until they are stopped: SIGTERM as soon as the output matches, unless
    // an emulator that stops them has started them.
    "run-until": `
pattern=$1; shift
[ -n "\${STOPPED_BY_EMULATOR:-}" ] && exec "$@"
output=$(mktemp -p .)
"$@" > "$output" 2>&1 &
pid=$!
for _ in {1..400}; do
  if grep -qiE "$pattern" "$output"; then seen=1; break; fi
  kill -0 $pid 2> /dev/null || break
  sleep 0.05
done
kill -TERM $pid 2> /dev/null || true
code=0; wait $pid || code=$?
cat "$output"
[ -n "\${seen:-}" ] || { echo "it never printed $pattern"; exit 1; }
exit $code
`,
    acs: `
program="${deno} run ${config} -A ${join(ROOT, "cli", "main.ts")}"
words=" $* "
case "$words" in
  *" --help "*) exec $program "$@" ;;
  " emulate "*)
    set -- emulate --port 0 "\${@:2}"
    case "$words" in
      *" --scenario "* | *" --replay "*) STOPPED_BY_EMULATOR=1 exec $program "$@" ;;
      *" -- "*) exec run-until connected env STOPPED_BY_EMULATOR=1 $program "$@" ;;
      *) exec run-until http://127 $program "$@" ;;
    esac ;;
  " run "*" --until "*) exec $program "$@" ;;
  " run "*) exec run-until connected $program "$@" ;;
  " show "*" --text "*) exec $program "$@" ;;
  " show "*) exec run-until http://127 $program "$@" ;;
  " send "* | " env "*) exec $program "$1" --url ${emulatorUrl} "\${@:2}" ;;
  *) exec $program "$@" ;;
esac
`,
    npx: `
[ "$1" = -y ] && shift
case "$1" in
  deno) shift; exec deno "$@" ;;
  *) echo "npx $1: only deno is there" >&2; exit 127 ;;
esac
`,
    deno: `
case " $* " in
  " task "*) exec ${deno} task --cwd ${ROOT} "\${@:2}" ;;
  " run --config "*) exec run-until connected ${deno} run ${config} "\${@:4}" ;;
  " run "*) exec run-until connected ${deno} run ${config} "\${@:2}" ;;
  " test "*) exec ${deno} test ${config} "\${@:2}" ;;
  *) exec ${deno} "$@" ;;
esac
`,
    // The agents run on Node in the tests of the npm package; Node cannot run the sources.
    node: `
case " $* " in
  *" agent.ts "*) exec run-until connected ${deno} run ${config} -A agent.ts ;;
  *) PATH=\${PATH#*:} exec node "$@" ;;
esac
`,
    "my-agent": "exec node agent.ts\n",
    // npx does not forward signals: a script that stops only npx leaves the program running.
    "like-npx": `"$@" & echo $! > ${STARTED}; wait $!\n`,
  };
}
