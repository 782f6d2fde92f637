/**
 * A process of a soak, seen from the one that has started it.
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
  /** Where it runs. Default: here. */
  readonly cwd?: string;
}

/** A process that says things of type `Report` and is told things of type `Command`. */
export interface Child<Report extends { readonly kind: string }, Command extends string> {
  /** Tells it something. */
  tell(command: Command): void;
  /**
   * Waits for it to say something of a kind.
   *
   * @throws {Error} If it ends first.
   */
  next<K extends Report["kind"]>(kind: K): Promise<Extract<Report, { readonly kind: K }>>;
  /** Ends it at once. */
  kill(): void;
}

/**
 * Starts a process.
 *
 * @param options How.
 * @param listener Is told everything that it says.
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
  // It counts only for who waits for the process to say something.
  ended.catch(() => {});
  const waiting = new Set<(report: Report) => void>();
  createInterface(child.stdout).on("line", (line) => {
    const report: Report = JSON.parse(line);
    listener(report);
    for (const look of [...waiting]) look(report);
  });
  return {
    tell: (command) => void child.stdin.write(`${command}\n`),
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
