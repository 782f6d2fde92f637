/**
 * An agent that the command starts, watches and ends.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";

/** How long an agent may take to end by itself once it is told to, in ms. */
const GRACE_MS = 5_000;

/** An agent that runs. */
export interface AgentProcess {
  /** Settles when it has ended, with how that was, in words. */
  readonly ended: Promise<string>;
  /** Ends it, and whatever it has started, by force if need be. */
  stop(): Promise<void>;
}

/**
 * Starts an agent. What it writes goes to stderr.
 *
 * @param command The program and its arguments.
 * @param env Its environment.
 * @throws The system's error when it cannot be started.
 */
export async function startAgent(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<AgentProcess> {
  const [program = "", ...args] = command;
  // A group of its own, so that a shell's children end with it.
  const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (bytes: Uint8Array) => void process.stderr.write(bytes));
  child.stderr.on("data", (bytes: Uint8Array) => void process.stderr.write(bytes));
  const ended = new Promise<string>((resolve) => {
    child.once("close", (code, signal) => {
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });

  const kill = (signal: "SIGTERM" | "SIGKILL") => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Nobody is left in the group.
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
