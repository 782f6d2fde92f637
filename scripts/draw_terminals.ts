/**
 * Draws the terminals in the documents from the commands' real output. Run it after changing that
 * output.
 *
 * @module
 */

import { join } from "node:path";
import { run } from "./npm/command.ts";
import { ROOT } from "./npm/deno_config.ts";
import { drawTerminal } from "./terminal/draw.ts";
import { record, type Recording } from "./terminal/record.ts";

/** A picture of one command. */
interface Picture extends Recording {
  /** The file, in `docs`. */
  readonly file: string;
  /** The command as a user types it. */
  readonly typed: string;
  /** The description for readers who cannot see it. */
  readonly title: string;
}

const ACS = "deno run --quiet --config deno.dev.json -A cli/main.ts";
const COLUMNS = 92;

const PICTURES: readonly Picture[] = [
  {
    file: "emulate.svg",
    typed: "npx @acs/session emulate --traffic 500 -- python3 my_agent.py",
    command: `${ACS} emulate --seed 1 --port 4570 --traffic 500 -- ` +
      "python3 examples/python_agent/agent.py",
    columns: COLUMNS,
    until: /TaskManifest[^]*Ack/,
    title: "The emulator sends messages to an agent in Python, which answers them",
  },
  {
    file: "doctor.svg",
    typed: "HTTPS_PROXY=http://proxy.example.com:3128 npx @acs/session doctor",
    command: `${ACS} doctor`,
    columns: COLUMNS,
    env: {
      HTTPS_PROXY: "http://proxy.example.com:3128",
      ACS_CONTAINER_INSTANCE_ARN:
        "arn:aws:ecs:us-west-2:123456789012:container-instance/prod/0123456789abcdef",
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    },
    title: "acs doctor finds a proxy that cannot be reached, and says what to do",
  },
];

for (const picture of PICTURES) {
  const output = await record(picture);
  const text = `\u001b[2m$\u001b[22m ${picture.typed}\n${output}`;
  const path = join(ROOT, "docs", picture.file);
  await Deno.writeTextFile(path, drawTerminal(text, picture.columns, picture.title));
  await run("deno", ["fmt", "--quiet", path], { cwd: ROOT });
}
