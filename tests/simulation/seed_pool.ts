/**
 * Simulates seeds in several processes. A simulation replaces the globals of its process, so that
 * each process runs one at a time.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DEV_CONFIG } from "../testing/programs/acs_command.ts";
import { formatRequest, parseRun, type SeedRequest } from "./seed_lines.ts";
import type { SeedRun } from "./seeds.ts";

const PROGRAM = fileURLToPath(new URL("./seed_process.ts", import.meta.url));

/**
 * Simulates seeds.
 *
 * @param requests The seeds.
 * @param processes How many processes may run at the same time.
 * @returns The results, in the order of the requests.
 * @throws {Error} If a process ends before its seed has.
 */
export async function* runSeeds(
  requests: readonly SeedRequest[],
  processes: number,
): AsyncGenerator<SeedRun> {
  const runs = requests.map((request) => ({ request, ...Promise.withResolvers<SeedRun>() }));
  for (const { promise } of runs) promise.catch(() => {});
  const pool = Array.from(
    { length: Math.min(processes, requests.length) },
    () => new SeedProcess(),
  );
  const waiting = runs.values();
  const work = async (seedProcess: SeedProcess) => {
    for (const { request, resolve, promise } of waiting) {
      resolve(seedProcess.run(request));
      await promise;
    }
  };
  const working = Promise.allSettled(pool.map(work));
  try {
    for (const { promise } of runs) yield await promise;
  } finally {
    for (const each of pool) each.end();
    await working;
  }
}

class SeedProcess {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const flags = "Deno" in globalThis ? ["run", "--quiet", "--config", DEV_CONFIG, "-A"] : [];
    const stdio = ["pipe", "pipe", "inherit"] as const;
    const child = spawn(process.execPath, [...flags, PROGRAM], { stdio: [...stdio] });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async run(request: SeedRequest): Promise<SeedRun> {
    this.#process.stdin?.write(`${formatRequest(request)}\n`);
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`The process that simulated seed ${request.seed} ended`);
    return parseRun(value);
  }

  end(): void {
    this.#process.kill();
  }
}
