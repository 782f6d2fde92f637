/**
 * The time from the start of a process until it can do its work.
 *
 * @module
 */

import { Child, type Program } from "../child.ts";
import type { FirstAnswerScenario } from "../load/first_answer.ts";
import { alternate, urlOf } from "../measurement.ts";
import { nameIn, type Programs, type RuntimeName, type Setup } from "../programs.ts";
import { formatNumber } from "../report/format_number.ts";
import { type Goal, type Round, type Row, rowOf } from "../row.ts";
import { median } from "../statistics.ts";

const START_GOALS: Readonly<Record<RuntimeName, Goal>> = {
  Deno: { of: "ratio", is: "at most", limit: 1.35 },
  Node: { of: "ratio", is: "at most", limit: 1.2 },
};

const ACS_RUN_GOALS: Readonly<Record<RuntimeName, readonly Goal[]>> = {
  Deno: [{ of: "session", is: "at most", limit: 350 }],
  Node: [],
};

const IMPORT_GOALS: Readonly<Record<RuntimeName, Goal>> = {
  Deno: { of: "session", is: "at most", limit: 30 },
  Node: { of: "session", is: "at most", limit: 40 },
};

/** Measures from the start of a process until the service reads its first heartbeat ack. */
export async function measureStart(
  programs: Programs,
  setup: Setup,
  starts: number,
): Promise<Row> {
  const scenario: FirstAnswerScenario = { name: "first-answer", kind: "heartbeat" };
  await using loadGenerator = new Child(programs.loadGenerator, scenario);
  const url = await urlOf(loadGenerator);
  const start = (client: "bare" | "session") =>
    timeToAnswer(
      loadGenerator,
      programs.agent(setup, client === "bare" ? "least" : "agent", url),
    );
  // The first starts fill the caches of the runtime and the system.
  await alternate(1, start);
  return rowOf(
    {
      what: nameIn(setup, "start to first ack, whole process"),
      runtime: setup.runtime,
      unit: "ms",
      yardstick: "least process",
      goals: [START_GOALS[setup.runtime]],
    },
    await alternate(starts, start),
  );
}

async function timeToAnswer(loadGenerator: Child, program: Program): Promise<number> {
  const startedAt = performance.now();
  await using agent = new Child(program);
  const failed = agent.ended().then(() => {
    throw new Error("A process ended before its first ack");
  });
  await Promise.race([loadGenerator.next(), failed]);
  const took = performance.now() - startedAt;
  failed.catch(() => {
    // `await using` kills the process, which rejects this promise.
  });
  return took;
}

/** Measures from the start of `acs run` until the service reads the answer to its first payload. */
export async function measureFirstAck(
  programs: Programs,
  runtime: RuntimeName,
  starts: number,
): Promise<Row> {
  const scenario: FirstAnswerScenario = { name: "first-answer", kind: "payload" };
  await using loadGenerator = new Child(programs.loadGenerator, scenario);
  const program = await programs.acsRun(runtime, await urlOf(loadGenerator));
  const start = async (): Promise<Round> => ({
    session: await timeToAnswer(loadGenerator, program),
  });
  // The first start fills the caches of the runtime and of the system.
  await start();
  const rounds = await repeat(starts, start);
  return rowOf(
    { what: "acs run, start to first ack", runtime, unit: "ms", goals: ACS_RUN_GOALS[runtime] },
    rounds,
  );
}

/** Measures how much longer a process takes that imports the package than one that does not. */
export async function measureImport(
  programs: Programs,
  setup: Setup,
  starts: number,
): Promise<Row> {
  const time = async (name: "nothing" | "import_package") => {
    const startedAt = performance.now();
    await new Child(programs.startup(setup, name)).ended();
    return performance.now() - startedAt;
  };
  await time("nothing");
  await time("import_package");
  const pairs = await repeat(starts, async () => ({
    nothing: await time("nothing"),
    everything: await time("import_package"),
  }));
  const whole = formatNumber(median(pairs.map(({ everything }) => everything)));
  const empty = formatNumber(median(pairs.map(({ nothing }) => nothing)));
  return rowOf(
    {
      what: nameIn(setup, "importing the package"),
      runtime: setup.runtime,
      unit: "ms",
      goals: [IMPORT_GOALS[setup.runtime]],
      note: `a process takes ${whole} ms with it, ${empty} ms without`,
    },
    pairs.map(({ nothing, everything }) => ({ session: everything - nothing })),
  );
}

async function repeat<T>(times: number, once: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  while (results.length < times) results.push(await once());
  return results;
}
