/**
 * Runs the command `acs` as a separate process, on the runtime that runs the test.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** On Deno, the configuration with the packages that the test programs and `acs run` need. */
export const DEV_CONFIG: string = fileURLToPath(new URL("../../../deno.dev.json", import.meta.url));

const MAIN = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running process. */
export interface AcsProcess {
  /** Sends it a signal. */
  signal(name: "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  /** Stops reading its stdout, as a pager that was quit does. */
  hangUp(): void;
  /** Waits until its stdout matches. */
  output(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Waits for its end. */
  readonly ended: Promise<Exit>;
}

/**
 * Starts `acs`.
 *
 * @param args Its arguments.
 * @param env Variables to set; none of AWS's are inherited.
 */
export function startAcs(args: readonly string[], env: Record<string, string> = {}): AcsProcess {
  return startProgram(MAIN, args, env);
}

/**
 * Starts a test program.
 *
 * @param program The program's path.
 * @param args Its arguments.
 * @param env Variables to set; none of AWS's are inherited.
 * @param heapMb The maximum size of its heap, in MB; the runtime's own limit by default.
 */
export function startProgram(
  program: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  heapMb?: number,
): AcsProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|ECS)_/.test(name));
  const onDeno = "Deno" in globalThis;
  const heapFlag = `--max-old-space-size=${heapMb}`;
  const runtime = [
    ...(onDeno ? ["run", "--quiet", "--config", DEV_CONFIG, "-A"] : []),
    ...(heapMb === undefined ? [] : [onDeno ? `--v8-flags=${heapFlag}` : heapFlag]),
  ];
  const child = spawn(process.execPath, [...runtime, program, ...args], {
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const looks = new Set<() => void>();
  const look = () => looks.forEach((each) => each());
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    look();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  let isRunning = true;
  child.once("exit", () => isRunning = false);
  return {
    ended,
    signal(name) {
      // Not child.kill: on Deno that hides the exit code of a process that handles the signal.
      if (isRunning && child.pid !== undefined) process.kill(child.pid, name);
    },
    hangUp: () => void child.stdout?.destroy(),
    output: (pattern) =>
      new Promise((resolve, reject) => {
        const tryMatch = () => {
          const match = stdout.match(pattern);
          if (match === null) return;
          looks.delete(tryMatch);
          resolve(match);
        };
        looks.add(tryMatch);
        tryMatch();
        ended.then(
          () => reject(new Error(`it ended without ${pattern}: ${stdout}\n${stderr}`)),
          reject,
        );
      }),
  };
}

/** Runs `acs` to its end. */
export function runAcs(args: readonly string[], env: Record<string, string> = {}): Promise<Exit> {
  return startAcs(args, env).ended;
}
