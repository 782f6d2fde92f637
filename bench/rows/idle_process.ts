/**
 * Measures memory and CPU time of a process whose only session receives occasional heartbeats.
 *
 * @module
 */

import { Child } from "../child.ts";
import type { HeartbeatsScenario } from "../load/heartbeats.ts";
import { alternate, urlOf } from "../measurement.ts";
import { nameIn, type Programs, type Setup } from "../programs.ts";
import { type Row, rowOf } from "../row.ts";

/** An interval that the service may use. */
const SCENARIO: HeartbeatsScenario = { name: "heartbeats", intervalMs: 30_000 };

const MINUTE_MS = 60_000;

/** Duration of the CPU time measurement after the first minute, in minutes. */
const IDLE_MINUTES = 10;

const MEMORY_GOAL = 1.1;
const PROCESSOR_GOAL = 1.5;

/** The resources of an idle process. */
interface IdleProcess {
  /** Resident memory after the first minute, in bytes. */
  readonly residentBytes: number;
  /** CPU time after the first minute, in seconds. */
  readonly processorSeconds: number;
}

/**
 * Measures idle processes of all setups at the same time, since they use almost no CPU. It takes
 * eleven minutes, however many there are.
 *
 * @param programs The programs to start.
 * @param setups The setups to measure.
 * @param rounds The number of processes with a session in each setup, and of least processes.
 */
export async function measureIdleProcesses(
  programs: Programs,
  setups: readonly Setup[],
  rounds: number,
): Promise<Row[]> {
  await using processes = new AsyncDisposableStack();
  const loadGenerator = processes.use(new Child(programs.loadGenerator, SCENARIO));
  const url = await urlOf(loadGenerator);
  const started = [];
  for (const setup of setups) {
    const pairs = await alternate(rounds, async (client) => {
      const program = programs.agent(setup, client === "bare" ? "least" : "agent", url);
      const agent = processes.use(new Child(program));
      await loadGenerator.next<"answered">();
      return { idle: watchIdle(agent) };
    });
    started.push({ setup, pairs });
  }
  const measured = Promise.all(started.map(async ({ setup, pairs }) => {
    const found = await Promise.all(pairs.map(async ({ bare, session }) => ({
      bare: await bare.idle,
      session: await session.idle,
    })));
    return rowsOf(setup, found);
  }));
  // No further report follows, unless a connection ends.
  const rows = await Promise.race([measured, loadGenerator.next<Row[][]>()]);
  return rows.flat();
}

async function watchIdle(agent: Child): Promise<IdleProcess> {
  await minutes(1);
  const residentBytes = await agent.residentBytes() ?? NaN;
  const before = await agent.threadSeconds() ?? NaN;
  await minutes(IDLE_MINUTES);
  const after = await agent.threadSeconds() ?? NaN;
  return { residentBytes, processorSeconds: after - before };
}

function rowsOf(
  setup: Setup,
  found: readonly { readonly bare: IdleProcess; readonly session: IdleProcess }[],
): Row[] {
  const { runtime } = setup;
  const yardstick = "least process";
  return [
    rowOf(
      {
        what: nameIn(setup, "resident memory after a minute"),
        runtime,
        unit: "MB",
        yardstick,
        goals: [{ of: "ratio", is: "at most", limit: MEMORY_GOAL }],
      },
      found.map(({ bare, session }) => ({
        bare: bare.residentBytes / 1e6,
        session: session.residentBytes / 1e6,
      })),
    ),
    rowOf(
      {
        what: nameIn(setup, "CPU time of the next ten minutes"),
        runtime,
        unit: "ms",
        yardstick,
        goals: [{ of: "ratio", is: "at most", limit: PROCESSOR_GOAL }],
      },
      found.map(({ bare, session }) => ({
        bare: bare.processorSeconds * 1000,
        session: session.processorSeconds * 1000,
      })),
    ),
  ];
}

function minutes(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * MINUTE_MS));
}
