/**
 * An agent that the command starts, watches and ends.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { safeGet } from "../internal/safe_get.ts";
import { CommandFailure, EXIT_USAGE } from "./exit.ts";

/** How long an agent may take to exit once it is asked to, in ms. */
const GRACE_MS = 5_000;

/** How an agent ended. */
export interface AgentEnd {
  /** The end as text. */
  readonly text: string;
  /** Its exit code; `null` if a signal ended it. */
  readonly exitCode: number | null;
}

/** A running agent. */
export interface AgentProcess {
  /** Settles when it has ended. */
  readonly ended: Promise<AgentEnd>;
  /** Ends it and everything it has started, by force if necessary. */
  stop(): Promise<void>;
}

/**
 * Starts an agent.
 *
 * @param command The program and its arguments.
 * @param env Its environment.
 * @param write Called with each line of its stdout and stderr, without the line end.
 * @throws {CommandFailure} If it cannot be started.
 */
export async function startAgent(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  write: (line: string) => void,
): Promise<AgentProcess> {
  const [program = "", ...args] = command;
  // A separate process group, so that a shell's children end with it.
  const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Infinity }).on("line", write);
  }
  const ended = new Promise<AgentEnd>((resolve) => {
    child.once("close", (exitCode, signal) => {
      const text = signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
      resolve({ text, exitCode });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => {
      const text = `cannot start the agent ${program}: ${startFailure(error)}`;
      reject(new CommandFailure(text, EXIT_USAGE, { cause: error }));
    });
  });

  const kill = (signal: "SIGTERM" | "SIGKILL") => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is empty.
    }
  };
  const killNow = () => kill("SIGKILL");
  process.once("exit", killNow);
  return {
    ended,
    async stop() {
      kill("SIGTERM");
      const timer = setTimeout(killNow, GRACE_MS);
      await ended;
      clearTimeout(timer);
      killNow();
      process.off("exit", killNow);
    },
  };
}

/** Why a program cannot be started, and what to do. */
function startFailure(error: Error): string {
  switch (safeGet(error, "code")) {
    case "ENOENT":
      return "there is no such program; use its path, or a name in PATH";
    case "EACCES":
      return "it is not executable; start it with its interpreter, as in: -- python agent.py";
    default:
      return error.message;
  }
}
