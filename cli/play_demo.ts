/**
 * `acs demo`: an emulator and a session in one process, and everything that passes between them.
 *
 * @module
 */

import { AcsEmulator } from "../emulator/acs_emulator.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN } from "../emulator/samples/samples.ts";
import { EXAMPLE_CREDENTIALS } from "../emulator/emulator_credentials.ts";
import { Session } from "../session/session.ts";
import { timeLimit } from "../internal/time_limit.ts";
import { DEMO_STEPS, type DemoStage } from "./demo_steps.ts";
import { DryRunAgent } from "./dry_run_agent.ts";
import { EXIT_FAILURE } from "./exit.ts";
import { reportSession } from "./session_report.ts";
import { stopOnSignals } from "./signals.ts";
import { Screen } from "./screen.ts";
import type { ColorChoice, Terminal } from "./terminal.ts";
import { Timeline, type TimelineEntry } from "./timeline.ts";
import { VERSION } from "./version.ts";

/**
 * Time limit of the whole demonstration, in ms. It takes about 1 s, and longer on a busy machine.
 */
const DEMO_LIMIT_MS = 30_000;

/**
 * Plays the demonstration.
 *
 * @param color When to use colors.
 * @returns The exit code.
 */
export async function playDemo(color: ColorChoice): Promise<number> {
  const start = new Date();
  const screen = new Screen({ color });
  const { signs, paint } = screen.out;
  const timeline = new Timeline({ terminal: screen.out, start });
  const print = (line: string) => screen.print(line);
  const printEntry = (entry: TimelineEntry) => print(timeline.format(entry));
  const note = (text: string) =>
    printEntry({ time: new Date(), direction: " ", what: "agent", note: text });
  print(
    ` seconds  ${signs.received} received, ${signs.sent} sent, ${signs.failed} not answered or failed`,
  );

  const interrupted = stopOnSignals();
  const limit = timeLimit(
    DEMO_LIMIT_MS,
    () => new Error(`it did not finish within ${DEMO_LIMIT_MS / 1000} s`),
    interrupted.signal,
  );
  const emulator = await AcsEmulator.listen();
  const agent = new DryRunAgent(note);
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    credentials: EXAMPLE_CREDENTIALS,
    endpoint: emulator.url,
    agentVersion: VERSION,
    agentHash: "demo",
    dockerVersion: "25.0.6",
    timing: { drainTimeoutMs: 1_000 },
    handlers: agent,
    updateHandler: {
      stageUpdate: (_message, answer) => answer.nack("a dry-run agent does not update itself"),
      performUpdate: (_message, answer) => answer.nack("a dry-run agent does not update itself"),
    },
  });
  reportSession(session, (event) => {
    if (!event.isRoutine) printEntry(event);
  });
  const running = session.start();
  const stage = { emulator, session, agent, signal: limit.signal, interrupted: interrupted.signal };
  const results = await playSteps(stage, (title) => print(`\n${paint("bold", `-- ${title}`)}`));
  await session.stop();
  await running;
  await emulator.close();
  limit.clear();
  interrupted.release();

  if (interrupted.exitCode !== undefined) {
    print("\nInterrupted.");
    return interrupted.exitCode;
  }
  const stopped = session.state.status === "stopped";
  const all = [...results, {
    title: "the session stops cleanly",
    error: stopped ? undefined : "it did not",
  }];
  print(summary(all, screen.out));
  return all.every(({ error }) => error === undefined) ? 0 : EXIT_FAILURE;
}

/** The outcome of a step. */
interface StepResult {
  readonly title: string;
  /** Why it failed; missing if it passed. */
  readonly error?: string | undefined;
}

async function playSteps(
  stage: DemoStage,
  announce: (title: string) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const { title, play } of DEMO_STEPS) {
    if (stage.interrupted.aborted) break;
    announce(title);
    try {
      await play(stage);
      results.push({ title });
    } catch (error) {
      results.push({ title, error: error instanceof Error ? error.message : String(error) });
    }
  }
  return results;
}

function summary(results: readonly StepResult[], { paint }: Terminal): string {
  const lines = results.map(({ title, error }) =>
    error === undefined
      ? `  ${paint("green", "ok")}      ${title}`
      : `  ${paint("red", "FAILED")}  ${title}: ${error}`
  );
  const passed = results.filter(({ error }) => error === undefined).length;
  return ["\nSummary", ...lines, "", `${passed} of ${results.length} steps passed.`].join("\n");
}
