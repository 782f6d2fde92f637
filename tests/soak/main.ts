/**
 * `deno task soak`: many sessions against a service that gets everything wrong, for as long as is asked
 * for, on each runtime in a process of its own; then looks at what is left.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { stopOnSignals } from "../../cli/signals.ts";
import { print } from "../../scripts/npm/output.ts";
import { soakRuntimes } from "./runtimes.ts";
import { soak } from "./soak.ts";

const USAGE = `deno task soak [--minutes N] [--runtime NAMES] [--sessions N] [--seed N]

  --minutes   how long, 2 by default
  --runtime   deno, node22, node24, node26, several with commas between; deno,node26 by default
  --sessions  how many at a time on each runtime, 40 by default
  --seed      draws the faults; one of its own by default, which is printed

The exit code is 0 if everything holds that tests/soak/criteria.ts asks for, else 1. Ctrl-C ends it
early, in order.`;

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
    broken.length === 0 ? `Everything holds${early}` : `Bounds broken: ${broken.length}${early}`,
  );
  Deno.exit(broken.length > 0 ? 1 : stop.exitCode ?? 0);
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new RangeError(`--${name} must be a number above 0: it is ${value}`);
}
