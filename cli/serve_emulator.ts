/**
 * Runs the emulator of `acs emulate`: until stopped, until its agent ends, or until a scenario has been
 * played.
 *
 * @module
 */

import process from "node:process";
import { printableJson } from "../internal/printable_json.ts";
import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import { CONTROL_PATH } from "../emulator/control/control_paths.ts";
import type { EmulatorTraceOptions } from "../emulator/emulator_options.ts";
import type { Scenario } from "../emulator/scenario/scenario.ts";
import type { AnswerJoin } from "./answer_join.ts";
import { type EmulatorTarget, reachableUrl } from "../emulator/agent_variables.ts";
import { agentEnvironment } from "./agent_environment.ts";
import type { AgentProcess } from "./agent_process.ts";
import { emulateBanner } from "./emulate_banner.ts";
import type { EmulateFlags } from "./emulate_flags.ts";
import type { LoadedScenario } from "./emulate_scenario.ts";
import { emulatorOptions } from "./emulate_settings.ts";
import { reportEmulator } from "./emulator_report.ts";
import { showEmulator } from "./emulator_timeline.ts";
import { EXIT_FAILURE, UsageError } from "./exit.ts";
import { listenEmulator } from "./listen_emulator.ts";
import { registerSample } from "./real_agent.ts";
import { Screen } from "./screen.ts";
import { formatJson } from "./reported_event.ts";
import { type SignalStop, stopOnSignals } from "./signals.ts";
import { VERSION } from "./version.ts";

/**
 * Runs the emulator.
 *
 * @param agent The agent to start and its arguments; empty for none.
 * @param flags The command's flags.
 * @returns The exit code.
 * @throws {CommandFailure} If a flag, a file or the port cannot be used.
 */
export async function serveEmulator(
  agent: readonly string[],
  flags: EmulateFlags,
): Promise<number> {
  for (
    const [what, isGiven] of [
      ["--timeout", flags.timeout !== undefined],
      ["--reporter", flags.reporter !== undefined],
    ] as const
  ) {
    if (isGiven && flags.scenario === undefined && flags.replay === undefined) {
      throw new UsageError(`${what} needs a scenario: add --scenario <file>`);
    }
  }
  if (flags.speed !== undefined && flags.replay === undefined) {
    throw new UsageError("--speed needs a trace: use it with --replay <file>");
  }
  const loaded = await loadScript(flags);
  const screen = new Screen({ color: flags.color, status: false });
  const warn = (text: string) => screen.note(`warning: ${text}`);
  const settings = resolveFlags(flags, loaded?.scenario);
  const traceFile = flags.trace ?? (loaded === undefined ? undefined : await temporaryTrace(warn));
  const options = {
    ...settings,
    ...(traceFile !== undefined && { trace: traceOf(traceFile, loaded?.scenario) }),
  };
  // A command that starts its own agent needs no well-known port.
  const port = flags.port ?? (agent.length > 0 || loaded !== undefined ? 0 : undefined);
  const emulator = await listenEmulator(options, port, warn);
  const stop = stopOnSignals();
  try {
    const { region, credentials, clusterArn, containerInstances } = options;
    const url = reachableUrl(emulator.publicUrl);
    const target = { url, region, credentials, clusterArn, containerInstances };
    const stage = { emulator, target, agent, flags, stop, screen };
    if (loaded !== undefined) {
      const { emulateScenario } = await import("./emulate_scenario.ts");
      return await emulateScenario({ ...stage, loaded, traceFile });
    }
    return await serve({ ...stage, hasToken: options.controlToken !== undefined });
  } finally {
    stop.release();
    await emulator.close();
  }
}

// Loaded only if there is a scenario.

async function temporaryTrace(warn: (text: string) => void): Promise<string | undefined> {
  const traces = await import("./trace_path.ts");
  return traces.temporaryTrace(warn);
}

function resolveFlags(
  flags: EmulateFlags,
  scenario: Scenario | undefined,
): ReturnType<typeof emulatorOptions> {
  try {
    return emulatorOptions(flags, scenario?.emulator);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message, { cause: error });
  }
}

/** Loads the script to play; `undefined` if there is none. */
async function loadScript(flags: EmulateFlags): Promise<LoadedScenario | undefined> {
  const { scenario, replay, speed = 1 } = flags;
  if (scenario === undefined && replay === undefined) return undefined;
  const { loadReplay, loadScenario } = await import("./emulate_scenario.ts");
  if (replay !== undefined) return await loadReplay(replay, speed);
  return scenario === undefined ? undefined : await loadScenario(scenario);
}

function traceOf(file: string, scenario: Scenario | undefined): EmulatorTraceOptions {
  return { file, producer: `acs emulate ${VERSION}`, scenario: scenario?.name };
}

/** An emulator that serves until something stops it. */
interface ServeStage {
  readonly emulator: AcsEmulator;
  readonly target: EmulatorTarget;
  readonly agent: readonly string[];
  readonly flags: EmulateFlags;
  readonly stop: SignalStop;
  readonly screen: Screen;
  readonly hasToken: boolean;
}

async function startAgent({ agent, target, screen }: ServeStage): Promise<AgentProcess> {
  const processes = await import("./agent_process.ts");
  const environment = agentEnvironment(target, process.env);
  return await processes.startAgent(agent, environment, (line) => screen.agentLine(line));
}

async function serve(stage: ServeStage): Promise<number> {
  const { emulator, target, agent, flags, stop: { signal }, screen } = stage;
  const { format, traffic, verbose = false } = flags;
  let timeline: Pick<AnswerJoin, "flush"> | undefined;
  if (format === "json") {
    const { url, publicUrl } = emulator;
    const control = `${url}${CONTROL_PATH}`;
    const where = { version: VERSION, url, publicUrl, region: target.region, control };
    screen.print(printableJson({ time: new Date().toISOString(), event: "listening", ...where }));
    // After the first line, which others wait for.
    registerSample(emulator);
    reportEmulator(emulator, (event) => screen.print(formatJson(event)), verbose);
  } else {
    screen.print(emulateBanner({
      url: emulator.url,
      target,
      startsAgent: agent.length > 0,
      hasToken: stage.hasToken,
      terminal: screen.out,
    }));
    registerSample(emulator);
    timeline = showEmulator(emulator, screen, verbose);
  }
  const running = agent.length === 0 ? undefined : await startAgent(stage);
  const end = new AbortController();
  const traffics = traffic === undefined ? undefined : emulator.sendSampleTraffic({
    intervalMs: traffic,
    signal: AbortSignal.any([signal, end.signal]),
  });
  try {
    const stopped = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    const ended = await Promise.race([stopped, ...(running === undefined ? [] : [running.ended])]);
    if (ended === undefined) return 0;
    screen.note(`The agent ${ended.text}.`);
    return ended.exitCode === 0 ? 0 : EXIT_FAILURE;
  } finally {
    end.abort();
    await traffics;
    await running?.stop();
    timeline?.flush();
  }
}
