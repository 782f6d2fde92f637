/**
 * Everything that is measured, in the order of the table.
 *
 * @module
 */

import type { Programs } from "./programs.ts";
import type { Row } from "./row.ts";
import { measureThroughput, type Throughput } from "./rows/throughput.ts";

/** How much is measured. */
export interface Effort {
  /** How many rounds of each line, in fresh processes. */
  readonly rounds: number;
  /** How much of the full amount each round is. */
  readonly part: number;
}

/** What the documents come from. */
export const FULL: Effort = { rounds: 5, part: 1 };

/** What is good enough to see whether a change has made something slower. */
export const QUICK: Effort = { rounds: 2, part: 0.3 };

/** One or more lines of the table. */
export interface Measurement {
  /** Its name, for `--only`. */
  readonly name: string;
  /** Makes the lines. */
  measure(programs: Programs, effort: Effort): Promise<Row[]>;
}

const RUNTIMES = ["Deno", "Node"] as const;

/** All of them. */
export const MEASUREMENTS: readonly Measurement[] = [
  throughput({ what: "payloads of 2.7 KB", kind: "payload", count: 50_000, goal: 0.9 }),
  throughput({ what: "payloads of 47 KB", kind: "large-payload", count: 4_000, goal: 0.9 }),
  throughput({ what: "heartbeats", kind: "heartbeat", count: 100_000, goal: 0.85 }),
];

function throughput(burst: Throughput): Measurement {
  return {
    name: `throughput ${burst.what}`,
    measure: async (programs, { rounds, part }) => {
      const count = Math.round(burst.count * part);
      const rows: Row[] = [];
      for (const runtime of RUNTIMES) {
        rows.push(await measureThroughput(programs, runtime, { ...burst, count }, rounds));
      }
      return rows;
    },
  };
}
