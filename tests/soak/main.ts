/**
 * `deno task soak`: runs many sessions against a service with every possible fault, for the given
 * time, in a separate process for each runtime; then checks what is left behind.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { stopOnSignals } from "../../cli/signals.ts";
import { print } from "../../scripts/npm/output.ts";
import { soakRuntimes } from "./runtimes.ts";
import { soak } from "./soak.ts";

const USAGE = `deno task soak [--minutes N] [--runtime NAMES] [--sessions N] [--seed N]

  --minutes   duration, 2 by default
  --runtime   deno, node22, node24, node26, comma-separated; deno,node26 by default
  --sessions  number of sessions at a time on each runtime, 40 by default
  --seed      seed for the random faults; by default a new one, which is printed

The exit code is 0 if all criteria in tests/soak/criteria.ts are met, else 1. Ctrl-C ends it early
and cleanly.`;

const OPTIONS = {
  minutes: { type: "string", default: "2" },
  runtime: { type: "string", default: "deno,node26" },
  sessions: { type: "string", default: "40" },
  seed: { type: "string", default: String(Date.now() % 1_000_000) },
  help: { type: "boolean", default: false },
} as const;

try {
  await main();
} catch (error) {
  print(`error: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return print(USAGE);
  const options = {
    minutes: positive("minutes", values.minutes),
    sessions: positive("sessions", values.sessions),
    seed: positive("seed", values.seed),
  };
  print(`Soaking ${values.runtime} for ${options.minutes} min, seed ${options.seed}`);
  const runtimes = await soakRuntimes(values.runtime.split(","));
  const stop = stopOnSignals();
  const broken: string[] = [];
  await Promise.all(runtimes.map(async (runtime) => {
    try {
      const sentences = await soak(runtime, { ...options, signal: stop.signal, print });
      broken.push(...sentences.map((sentence) => `${runtime.name}: ${sentence}`));
    } finally {
      await runtime.dispose();
    }
  }));
  stop.release();
  for (const sentence of broken) print(sentence);
  const early = stop.signal.aborted ? ", ended early" : "";
  print(
    broken.length === 0 ? `Everything holds${early}` : `Failed criteria: ${broken.length}${early}`,
  );
  Deno.exit(broken.length > 0 ? 1 : stop.exitCode ?? 0);
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new RangeError(`--${name} must be a number above 0: it is ${value}`);
}
