/**
 * `acs emulate`: the service on this machine, until stopped or until a scenario has been played.
 *
 * @module
 */

import process from "node:process";
import { printableJson } from "../internal/printable_json.ts";
import { AcsEmulator } from "../emulator/acs_emulator.ts";
import { CONTROL_PATH } from "../emulator/control/answer_control.ts";
import { isLoopback } from "../emulator/control/control_access.ts";
import type { EmulatorOptions } from "../emulator/emulator_options.ts";
import { StateFileError } from "../emulator/errors.ts";
import type { Scenario } from "../emulator/scenario/scenario.ts";
import { type EmulatorTarget, howToPointAnAgent } from "./agent_environment.ts";
import type { EmulateFlags } from "./emulate_flags.ts";
import { emulateScenario, loadScenario } from "./emulate_scenario.ts";
import { emulatorOptions } from "./emulate_settings.ts";
import { reportEmulator } from "./emulator_report.ts";
import { CommandFailure, EXIT_USAGE, exitOnClosedOutput, UsageError } from "./exit.ts";
import { listenFailure } from "./listen_failure.ts";
import { formatJson } from "./session_report.ts";
import { type SignalStop, stopOnSignals } from "./signals.ts";
import { terminalOf } from "./terminal.ts";
import { Timeline } from "./timeline.ts";

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
      ["an agent to start", agent.length > 0],
      ["--timeout", flags.timeout !== undefined],
      ["--verbose", flags.verbose],
    ] as const
  ) {
    if (isGiven && flags.scenario === undefined) {
      throw new UsageError(`${what} is for a scenario: add --scenario <file>`);
    }
  }
  exitOnClosedOutput();
  const scenario = flags.scenario === undefined ? undefined : await loadScenario(flags.scenario);
  const options = resolveFlags(flags, scenario);
  const emulator = await listen(options);
  const stop = stopOnSignals();
  try {
    const { region, credentials, clusterArn, containerInstances } = options;
    const url = emulator.publicUrl;
    const target = { url, region, credentials, clusterArn, containerInstances };
    const hasToken = options.controlToken !== undefined;
    if (scenario === undefined) return await serve(emulator, target, { ...flags, hasToken }, stop);
    return await emulateScenario({ emulator, target, scenario, agent, flags, stop });
  } finally {
    stop.release();
    await emulator.close();
  }
}

function resolveFlags(
  flags: EmulateFlags,
  scenario: Scenario | undefined,
): ReturnType<typeof emulatorOptions> {
  try {
    return emulatorOptions(flags, scenario?.emulator);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

async function listen(options: EmulatorOptions): Promise<AcsEmulator> {
  try {
    return await AcsEmulator.listen(options);
  } catch (error) {
    const isKnown = error instanceof RangeError || error instanceof StateFileError;
    const { port = 0, hostname = "127.0.0.1" } = options;
    const words = isKnown ? messageOf(error) : listenFailure(error, { port, hostname });
    throw new CommandFailure(words, EXIT_USAGE);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Serves until stopped. */
async function serve(
  emulator: AcsEmulator,
  target: EmulatorTarget,
  { format, traffic, hasToken }: EmulateFlags & { readonly hasToken: boolean },
  { signal }: SignalStop,
): Promise<number> {
  const start = new Date();
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const { url, region } = target;
  const control = `${emulator.url}${CONTROL_PATH}`;
  if (format === "json") {
    const where = { url: emulator.url, publicUrl: url, region, control };
    print(printableJson({ time: start.toISOString(), event: "listening", ...where }));
    reportEmulator(emulator, (event) => print(formatJson(event)));
  } else {
    const behind = url === emulator.url ? "" : `, behind the proxy at ${url}`;
    print(
      `ECS and ACS are at ${emulator.url}${behind} (region ${region}); press Ctrl-C to stop.\n`,
    );
    print(howToPointAnAgent(target));
    print(`${howToControl(control, hasToken)}\n`);
    const timeline = new Timeline({ terminal: terminalOf(process.stdout) });
    reportEmulator(emulator, (event) => print(timeline.format(event)));
  }
  await Promise.all([
    new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true })),
    traffic === undefined ? undefined : emulator.sendSampleTraffic({ intervalMs: traffic, signal }),
  ]);
  return 0;
}

function howToControl(url: string, hasToken: boolean): string {
  if (hasToken) return `With the control token as bearer token, it is controlled at ${url}`;
  return isLoopback(new URL(url).hostname)
    ? `It is controlled at ${url}, as in: curl -d '{}' ${url}run-task`
    : "Others can reach it, so it can be controlled only if it is given a --control-token.";
}
