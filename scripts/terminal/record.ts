/**
 * Records what a command prints on a terminal.
 *
 * @module
 */

import { ROOT } from "../npm/deno_config.ts";

/** A command and the terminal to run it on. */
export interface Recording {
  /** The command, for bash. */
  readonly command: string;
  /** The terminal's width, in columns. */
  readonly columns: number;
  /** Variables to set. No others are inherited but `PATH` and `HOME`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ctrl-C is pressed once the output has matched this; by default, the command ends on its own. */
  readonly until?: RegExp;
}

const CTRL_C = new Uint8Array([3]);

/**
 * Runs a command on a pseudo-terminal, with `script` of util-linux.
 *
 * @returns What it printed, with escape sequences, and with `\n` at the end of each line.
 */
export async function record({ command, columns, env = {}, until }: Recording): Promise<string> {
  const inherited = Object.fromEntries(["PATH", "HOME", "DENO_DIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
  const child = new Deno.Command("script", {
    args: ["--quiet", "--command", `stty -echo cols ${columns} rows 50; ${command}`, "/dev/null"],
    cwd: ROOT,
    clearEnv: true,
    env: { ...inherited, LANG: "C.UTF-8", TERM: "xterm-256color", SHELL: "/bin/bash", ...env },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let output = "";
  let isPressed = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (until?.test(output) && !isPressed) {
      isPressed = true;
      await keyboard.write(CTRL_C);
    }
  }
  await keyboard.close().catch(() => {
    // The command has ended, and with it its keyboard.
  });
  await child.status;
  return output.replaceAll("\r\n", "\n");
}
