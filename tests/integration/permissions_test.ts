/**
 * The flags in docs/deployment.md: each program runs with exactly those, and fails without any one of
 * them.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "../../emulator/mod.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { DEV_CONFIG } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

/** Runs a program without permission prompts. */
const QUIETLY = ["run", "--quiet", "--config", DEV_CONFIG, "--no-prompt", "--deny-ffi"];

/** How a row of the table is tested. */
interface Trial {
  /** The row's first column, without backticks. */
  readonly what: string;
  /** The program and its arguments. */
  readonly run: (emulator: AcsEmulator) => readonly string[];
  /** What it prints once everything that needs a permission has been done. */
  readonly works: RegExp;
}

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const SESSION = fileURLToPath(new URL("../testing/programs/minimal_session.ts", import.meta.url));
const EMULATOR = fileURLToPath(new URL("../testing/programs/minimal_emulator.ts", import.meta.url));
const DOCUMENT = new URL("../../docs/deployment.md", import.meta.url);

const TRIALS: readonly Trial[] = [
  {
    what: "a session",
    run: ({ url }) => [SESSION, url],
    works: /HeartbeatAckRequest/,
  },
  {
    what: "a session, dual stack",
    run: (emulator) => {
      // ECS on one host, ACS on another.
      emulator.endpoint = emulator.url;
      return [SESSION, emulator.url.replace("127.0.0.1", "localhost")];
    },
    works: /HeartbeatAckRequest/,
  },
  {
    what: "a session, @acs/session/ws",
    run: ({ url }) => [SESSION, url, "ws"],
    works: /HeartbeatAckRequest/,
  },
  { what: "an emulator", run: () => [EMULATOR], works: /^4\d\d / },
  { what: "acs demo", run: () => [MAIN, "demo"], works: /steps passed/ },
  { what: "acs emulate", run: () => [MAIN, "emulate"], works: /ECS and ACS are at/ },
  {
    what: "acs run, keys in environment",
    run: () => [MAIN, "run", "--container-instance-arn", CONTAINER_INSTANCE_ARN],
    works: /HeartbeatAckRequest/,
  },
];

/** The flags by the first column of the table. */
async function documentedFlags(): Promise<Map<string, string[]>> {
  const document = await readFile(DOCUMENT, "utf8");
  const section = document.split("## Permissions on Deno")[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => /^\| .*--allow/.test(line));
  return new Map(rows.map((row) => {
    const [, what = "", flags = ""] = row.split("|").map((cell) => cell.replaceAll("`", "").trim());
    return [what, flags.split(" ")];
  }));
}

/** Each way to leave something out of the flags: a whole flag, or one of the names in it. */
function withoutOne(flags: readonly string[]): string[][] {
  return flags.flatMap((flag, index) => {
    const [name = "", values = ""] = flag.split("=");
    const others = values.split(",");
    const shorter = others.length === 1
      ? []
      : others.map((value) => `${name}=${others.filter((other) => other !== value).join(",")}`);
    return [undefined, ...shorter].map((instead) =>
      flags.flatMap((each, at) => at !== index ? [each] : instead === undefined ? [] : [instead])
    );
  });
}

/** Runs a program with these flags; returns whether it worked, and its output. */
function attempt(
  flags: readonly string[],
  { run, works }: Trial,
  emulator: AcsEmulator,
): Promise<{ worked: boolean; output: string }> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|ECS|ACS)_/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    NO_COLOR: "1",
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_ECS: emulator.url,
  };
  // The emulator stands in for AWS.
  const given = flags.map((flag) =>
    flag.replace("*.amazonaws.com", "127.0.0.1").replace("*.api.aws", "localhost")
  );
  // Deno's node:child_process adds --allow-all if no flag is about permissions.
  const args = [...QUIETLY, ...given, ...run(emulator)];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const take = (text: string) => {
    output += text;
    // Some run forever, with or without the permission.
    if (works.test(output) || /NotCapable|Requires \w+ access|is not permitted to/.test(output)) {
      child.kill("SIGKILL");
    }
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve({ worked: works.test(output), output }));
  });
}

if ("Deno" in globalThis) {
  for (const trial of TRIALS) {
    test(`The flags that docs/deployment.md has for ${trial.what} are enough, and each of them is needed`, async () => {
      const flags = (await documentedFlags()).get(trial.what);
      assert.ok(flags, "the document has a row for it");
      const emulator = await AcsEmulator.listen();
      try {
        const { worked, output } = await attempt(flags, trial, emulator);
        assert.ok(worked, output);
        for (const fewer of withoutOne(flags)) {
          const { worked, output } = await attempt(fewer, trial, emulator);
          assert.equal(worked, false, `${fewer.join(" ")} is enough: ${output}`);
        }
      } finally {
        await emulator.close();
      }
    });
  }

  const RUN = ["run", "--region", "us-west-2", "--container-instance-arn", CONTAINER_INSTANCE_ARN];
  const NAMES = "AWS_*,ECS_CLUSTER,ACS_CONTAINER_INSTANCE_ARN";
  const HOME_NAMES = "HOME,USERPROFILE,HOMEPATH,HOMEDRIVE";
  const LACKING = [
    {
      what: "the variables of its flags",
      flags: ["--allow-env=WS_NO_BUFFER_UTIL"],
      needs: /^error: .*: run it with --allow-env=ACS_CONTAINER_INSTANCE_ARN$/m,
    },
    {
      what: "the variables that say where its home is",
      flags: [`--allow-env=${NAMES}`],
      needs: /credentials .*ACS-C04.* Run it with --allow-env=HOME\./,
    },
    {
      what: "the files with keys",
      flags: [`--allow-env=${NAMES},${HOME_NAMES}`],
      needs: /credentials .*ACS-C04.* Run it with --allow-read=\/nonexistent\/\.aws\/cred/,
    },
  ];
  for (const { what, flags, needs } of LACKING) {
    test(`An agent of acs run without permission to read ${what} says which flag it needs`, async () => {
      const args = [...QUIETLY, ...flags, MAIN, ...RUN];
      const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|ECS)_/.test(name));
      const child = spawn(process.execPath, args, {
        env: { ...Object.fromEntries(inherited), NO_COLOR: "1", HOME: "/nonexistent" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      const take = (text: string) => {
        output += text;
        if (/error:|ACS-C\d\d/.test(output)) child.kill("SIGKILL");
      };
      child.stdout.setEncoding("utf8").on("data", take);
      child.stderr.setEncoding("utf8").on("data", take);
      await new Promise((resolve) => child.once("close", resolve));
      assert.match(output, needs);
    });
  }
}
