/**
 * `acs demo`: an emulator and a session in one process, and everything that passes between them.
 *
 * @module
 */

import process from "node:process";
import { Command } from "commander";
import { AcsEmulator } from "../emulator/acs_emulator.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN } from "../emulator/samples/samples.ts";
import { EXAMPLE_CREDENTIALS } from "../emulator/http/sigv4.ts";
import { Session } from "../session/session.ts";
import { timeLimit } from "../internal/time_limit.ts";
import { DEMO_STEPS, type DemoStage } from "./demo_steps.ts";
import { DryRunAgent } from "./dry_run_agent.ts";
import { exitOnClosedOutput } from "./exit.ts";
import { reportSession } from "./session_report.ts";
import { stopOnSignals } from "./signals.ts";
import { formatTimelineEntry } from "./timeline.ts";
import { VERSION } from "./version.ts";

/** Everything must have happened by then, in ms; it usually takes a second or two. */
const DEMO_LIMIT_MS = 7_000;

/**
 * The command.
 *
 * @param setExitCode Is told how it went: 1 if something was missing.
 */
export function demoCommand(setExitCode: (code: number) => void): Command {
  return new Command("demo")
    .description("Play a session against the emulator, every kind of message included")
    .action(async () => setExitCode(await demo()));
}

async function demo(): Promise<number> {
  exitOnClosedOutput();
  const start = new Date();
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const note = (text: string) =>
    print(
      formatTimelineEntry({ time: new Date(), direction: " ", what: "agent", note: text }, start),
    );
  print(" seconds  < received, > sent, x not answered      message id   what happened\n");

  const interrupted = stopOnSignals();
  const limit = timeLimit(
    DEMO_LIMIT_MS,
    () => new Error(`nothing came within ${DEMO_LIMIT_MS / 1000} s`),
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
  reportSession(session, (event) => print(formatTimelineEntry(event, start)));
  const running = session.start();
  const stage = { emulator, session, agent, signal: limit.signal, interrupted: interrupted.signal };
  const results = await playSteps(stage, print);
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
  print(
    summary([...results, {
      title: "the session stops in order",
      error: stopped ? undefined : "it did not",
    }]),
  );
  return stopped && results.every(({ error }) => error === undefined) ? 0 : 1;
}

/** How a step went. */
interface StepResult {
  readonly title: string;
  /** Why it did not happen; missing if it did. */
  readonly error?: string | undefined;
}

async function playSteps(stage: DemoStage, print: (line: string) => void): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const { title, play } of DEMO_STEPS) {
    if (stage.interrupted.aborted) break;
    print(`\n-- ${title}`);
    try {
      await play(stage);
      results.push({ title });
    } catch (error) {
      results.push({ title, error: error instanceof Error ? error.message : String(error) });
    }
  }
  return results;
}

function summary(results: readonly StepResult[]): string {
  const lines = results.map(({ title, error }) =>
    error === undefined ? `  ok       ${title}` : `  MISSING  ${title}: ${error}`
  );
  const missing = results.filter(({ error }) => error !== undefined).length;
  const verdict = missing === 0
    ? "Everything happened."
    : `${missing} of ${results.length} missing.`;
  return ["\nSummary", ...lines, "", verdict].join("\n");
}
