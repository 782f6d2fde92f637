/**
 * `acs emulate`: the service on this machine, until stopped or until a scenario has been played.
 *
 * @module
 */

import process from "node:process";
import { Command } from "commander";
import { printableLines } from "../internal/one_line.ts";
import { printableJson } from "../internal/printable_json.ts";
import { AcsEmulator } from "../emulator/acs_emulator.ts";
import { CONTROL_PATH } from "../emulator/control/answer_control.ts";
import { isLoopback } from "../emulator/control/control_access.ts";
import type { EmulatorOptions } from "../emulator/emulator_options.ts";
import { StateFileError } from "../emulator/errors.ts";
import type { Scenario } from "../emulator/scenario/scenario.ts";
import { type EmulatorTarget, howToPointAnAgent } from "./agent_environment.ts";
import { addEmulateFlags, type EmulateFlags, emulatorOptions } from "./emulate_flags.ts";
import { emulateScenario, loadScenario } from "./emulate_scenario.ts";
import { reportEmulator } from "./emulator_report.ts";
import { CommandFailure, EXIT_USAGE, exitOnClosedOutput } from "./exit.ts";
import { listenFailure } from "./listen_failure.ts";
import { formatJson } from "./session_report.ts";
import { type SignalStop, stopOnSignals } from "./signals.ts";
import { formatTimelineEntry } from "./timeline.ts";

/**
 * The command.
 *
 * @param setExitCode Is told how it went.
 */
export function emulateCommand(setExitCode: (code: number) => void): Command {
  const command = new Command("emulate")
    .description(
      "Serve ECS's DiscoverPollEndpoint and ACS on this machine, with a control plane at " +
        `${CONTROL_PATH}, until stopped or until a scenario has been played`,
    )
    .argument("[agent...]", "after --, an agent to start for the scenario, and its arguments");
  return addEmulateFlags(command)
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  acs emulate --port 4510 --state emulator.db\n" +
        "  acs emulate --scenario lifecycle.json -- my-agent --flag\n",
    )
    .action(async (agent: readonly string[], flags: EmulateFlags, self: Command) =>
      setExitCode(await emulate(agent, flags, self))
    );
}

async function emulate(
  agent: readonly string[],
  flags: EmulateFlags,
  command: Command,
): Promise<number> {
  for (
    const [what, isGiven] of [
      ["an agent to start", agent.length > 0],
      ["--timeout", flags.timeout !== undefined],
      ["--verbose", flags.verbose],
    ] as const
  ) {
    if (isGiven && flags.scenario === undefined) {
      command.error(`error: ${what} is for a scenario: add --scenario <file>`);
    }
  }
  exitOnClosedOutput();
  try {
    return await start(agent, flags, command);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    process.stderr.write(`${printableLines(error.message).replace(/^/gm, "error: ")}\n`);
    return error.exitCode;
  }
}

async function start(
  agent: readonly string[],
  flags: EmulateFlags,
  command: Command,
): Promise<number> {
  const scenario = flags.scenario === undefined ? undefined : await loadScenario(flags.scenario);
  const options = resolveFlags(flags, scenario, command);
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
  command: Command,
): ReturnType<typeof emulatorOptions> {
  try {
    return emulatorOptions(flags, scenario?.emulator);
  } catch (error) {
    return command.error(`error: ${messageOf(error)}`);
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
    reportEmulator(emulator, (event) => print(formatTimelineEntry(event, start)));
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
