import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as realDelay } from "node:timers/promises";
import { test } from "../../testing/test.ts";
import { withMutant } from "./find_mutant.ts";

/** A source of chance, which changes a jitter by a share of it, from 0 to 1. */
interface Leak {
  readonly what: string;
  /** What the module has, besides. */
  readonly prelude?: string;
  /** The share. */
  readonly share: string;
}

const COUNTS = "let count = 0;";
const SHARE_OF_COUNT = "(count % 7) / 7";

const LEAKS: readonly Leak[] = [
  { what: "Math.random", share: "Math.random()" },
  { what: "an earlier Math.random", prelude: "const chance = Math.random;", share: "chance()" },
  { what: "randomUUID", share: "parseInt(crypto.randomUUID().slice(0, 2), 16) / 256" },
  {
    what: "getRandomValues",
    share: "(crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) / 256",
  },
  {
    what: "an earlier Date.now",
    prelude: "const now = Date.now;",
    share: "(now() % 1_000) / 1_000",
  },
  {
    what: "an earlier performance.now",
    prelude: "const now = performance.now.bind(performance);",
    share: "now() % 1",
  },
  {
    what: "setTimeout of node:timers",
    prelude: `import { setTimeout as wait } from "node:timers"; ${COUNTS}`,
    share: `(wait(() => count++, 5), ${SHARE_OF_COUNT})`,
  },
  {
    what: "an earlier setTimeout",
    prelude: `const wait = setTimeout; ${COUNTS}`,
    share: `(wait(() => count++, 5), ${SHARE_OF_COUNT})`,
  },
  {
    what: "AbortSignal.timeout",
    prelude: COUNTS,
    share: `(AbortSignal.timeout(5).addEventListener("abort", () => count++), ${SHARE_OF_COUNT})`,
  },
];

const FILE = "internal/jitter.ts";
const JITTER = "random() * jitterMs";

for (const { what, prelude = "", share } of LEAKS) {
  test(`A session that uses ${what} is found: its trace differs, or the call is reported`, async () => {
    const source = await readFile(new URL(`../../../${FILE}`, import.meta.url), "utf8");
    assert.ok(source.includes(JITTER));
    const leaky = source.replace(JITTER, `((random() + ${share}) % 1) * jitterMs`);
    const mutant = { mistake: what, file: FILE, find: source, replace: `${prelude}\n${leaky}` };
    const traces = new Set<string>();
    const reports: string[] = [];
    await withMutant(mutant, async ({ runSeed }) => {
      for (let run = 0; run < 2; run++) {
        const { result: { sha256, broken } } = await runSeed(2, 0.1);
        if (broken === undefined) traces.add(sha256);
        else reports.push(broken.says);
        // The timers that leaked end.
        await realDelay(10);
      }
    });
    if (reports.length === 0) return assert.equal(traces.size, 2);
    assert.match(reports.join(), /only the seed decides what happens/);
  });
}
