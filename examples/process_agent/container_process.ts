/**
 * The process of one container. It outlives the agent: its exit code is written to a file by the
 * shell that started it.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { SavedContainer } from "./agent_data.ts";

/** Time between two checks of a process, in ms. */
const LOOK_EVERY_MS = 50;

/** The exit code of a process that was killed, as Docker reports it. */
const KILLED = 137;

/**
 * Runs the command, survives a SIGTERM to the process group, and writes the exit code. `wait` also
 * returns when a signal arrives, so it is called until the command has ended. Then signals are
 * ignored, by `mv`, too.
 */
const SHELL = `trap : TERM
"$@" &
wait $!
code=$?
while kill -0 $! 2>/dev/null; do wait $!; code=$?; done
trap "" TERM
echo $code > "$0.new" && mv "$0.new" "$0"`;

/** The process of a container that is running or has run. */
export class ContainerProcess {
  readonly #container: SavedContainer;
  readonly #directory: string;

  /**
   * @param container The container; its `pid` is set when the process is started.
   * @param directory The directory for its output and exit code.
   */
  constructor(container: SavedContainer, directory: string) {
    this.#container = container;
    this.#directory = directory;
  }

  /**
   * Starts the process.
   *
   * @throws {Error} If the container has no command, or there is no shell.
   */
  async start(): Promise<void> {
    const { name, command, environment } = this.#container;
    if (command.length === 0) throw new Error("the container has no command");
    await mkdir(this.#directory, { recursive: true });
    const output = openSync(join(this.#directory, `${name}.log`), "a");
    try {
      const child = spawn("/bin/sh", ["-c", SHELL, this.#exitFile, ...command], {
        cwd: this.#directory,
        // A separate process group, which does not get the agent's signals.
        detached: true,
        env: { PATH: process.env.PATH ?? "/usr/bin:/bin", ...environment },
        stdio: ["ignore", output, output],
      });
      await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
      child.unref();
      this.#container.pid = child.pid;
    } finally {
      closeSync(output);
    }
  }

  /** Waits for the end of the process, even if an earlier agent started it. */
  async exitCode(): Promise<number> {
    for (;;) {
      // In this order: the file is written before the process ends.
      const isAlive = this.#signal(0);
      const code = await this.#savedCode();
      if (code !== undefined) return code;
      if (!isAlive) return KILLED;
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Stops the process: SIGTERM and, after the container's `stopTimeout`, SIGKILL. */
  async stop(): Promise<void> {
    this.#signal("SIGTERM");
    const end = performance.now() + this.#container.stopTimeout * 1_000;
    while (performance.now() < end) {
      if (!this.#signal(0) || await this.#savedCode() !== undefined) return;
      await delay(LOOK_EVERY_MS);
    }
    this.#signal("SIGKILL");
  }

  get #exitFile(): string {
    return join(this.#directory, `${this.#container.name}.exit`);
  }

  /** Signals the process group; `false` if there is none. */
  #signal(signal: "SIGTERM" | "SIGKILL" | 0): boolean {
    const { pid } = this.#container;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  }

  async #savedCode(): Promise<number | undefined> {
    const text = await readFile(this.#exitFile, "utf8").catch(() => "");
    return text === "" ? undefined : Number(text);
  }
}
