/**
 * A process of a soak, as seen by its parent.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a process is started. */
export interface ChildOptions {
  /** The program. */
  readonly command: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Its working directory. Default: the current one. */
  readonly cwd?: string;
}

/** A process that sends messages of type `Report` and receives messages of type `Command`. */
export interface Child<Report extends { readonly kind: string }, Command extends string> {
  /** Sends it a command. */
  send(command: Command): void;
  /**
   * Waits for a report of one kind.
   *
   * @throws {Error} If the process ends first.
   */
  next<K extends Report["kind"]>(kind: K): Promise<Extract<Report, { readonly kind: K }>>;
  /** Kills it. */
  kill(): void;
}

/**
 * Starts a process.
 *
 * @param options How to start it.
 * @param listener Called with each of its reports.
 */
export function startChild<Report extends { readonly kind: string }, Command extends string>(
  { command, args, cwd }: ChildOptions,
  listener: (report: Report) => void = () => {},
): Child<Report, Command> {
  const child = spawn(command, [...args], { cwd, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}`)));
  });
  // It only matters to code that waits for a report.
  ended.catch(() => {});
  const waiting = new Set<(report: Report) => void>();
  createInterface(child.stdout).on("line", (line) => {
    const report: Report = JSON.parse(line);
    listener(report);
    for (const look of [...waiting]) look(report);
  });
  return {
    send: (command) => void child.stdin.write(`${command}\n`),
    next: (kind) =>
      Promise.race([
        ended,
        new Promise<Extract<Report, { readonly kind: typeof kind }>>((resolve) => {
          const look = (report: Report) => {
            if (!isOfKind(report, kind)) return;
            waiting.delete(look);
            resolve(report);
          };
          waiting.add(look);
        }),
      ]),
    kill: () => void child.kill("SIGKILL"),
  };
}

function isOfKind<Report extends { readonly kind: string }, K extends Report["kind"]>(
  report: Report,
  kind: K,
): report is Extract<Report, { readonly kind: K }> {
  return report.kind === kind;
}
