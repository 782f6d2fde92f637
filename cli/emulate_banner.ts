/**
 * The first output of `acs emulate`: the emulator's URL, and how to use it.
 *
 * @module
 */

import { isLoopback } from "../emulator/control/control_access.ts";
import { CONSOLE_PATH, CONTROL_PATH } from "../emulator/control/control_paths.ts";
import { type EmulatorTarget, reachableUrl } from "../emulator/agent_variables.ts";
import { agentExports } from "./agent_environment.ts";
import { DEFAULT_PORT } from "./emulate_flags.ts";
import { howToStartARealAgent } from "./real_agent.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";
import { wrapText } from "./wrap_text.ts";

/** The contents of the banner. */
export interface EmulateBanner {
  /** The emulator's own URL. */
  readonly url: string;
  /** How agents connect to it. */
  readonly target: EmulatorTarget;
  /** Whether the command starts an agent itself, so that no instructions are needed. */
  readonly startsAgent: boolean;
  /** Whether control calls need a token. */
  readonly hasToken: boolean;
  /** The terminal that shows it. */
  readonly terminal: Terminal;
}

/**
 * Formats the banner. Lines are wrapped at the width of the terminal; only single words may be
 * longer.
 */
export function emulateBanner(banner: EmulateBanner): string {
  const { target, startsAgent, terminal } = banner;
  if (startsAgent) return aboutEmulator(banner).join("\n");
  // The most important part comes last, since a small terminal scrolls the rest out of view.
  return [
    ...paragraph("To connect an agent, set these variables and start it:", terminal),
    "",
    ...agentExports(target, terminal.columns - 2).map((line) => `  ${line}`),
    "",
    ...envCommand(banner),
    ...paragraph("The dry-run agent is: npx @acs/session run", terminal),
    ...paragraph("To have the emulator start it: npx @acs/session emulate -- my-agent", terminal),
    "",
    ...howToStartARealAgent(target).flatMap((line) =>
      line.startsWith(" ") ? [line] : paragraph(line, terminal)
    ),
    "",
    ...aboutEmulator(banner),
  ].join("\n");
}

/**
 * The command that sets the variables, unless the emulator cannot be controlled from this machine.
 */
function envCommand({ url, hasToken, terminal }: EmulateBanner): string[] {
  if (hasToken || !isLoopback(new URL(url).hostname)) return [];
  const command = `eval "$(npx @acs/session env${urlFlag(url)})"`;
  return paragraph(`In one line: ${command}`, terminal);
}

/** The `--url` flag that other commands need; empty if the emulator has the default URL. */
function urlFlag(url: string): string {
  const { hostname, port, origin } = new URL(url);
  const isDefault = hostname === "127.0.0.1" && port === String(DEFAULT_PORT);
  return isDefault ? "" : ` --url ${shellWord(origin)}`;
}

/** Quotes text with brackets, which some shells expand. */
function shellWord(text: string): string {
  return /[[\]]/.test(text) ? `'${text}'` : text;
}

function aboutEmulator({ url, target, hasToken, terminal }: EmulateBanner): string[] {
  const { region, clusterArn } = target;
  const behind = target.url === reachableUrl(url) ? "" : `, behind the proxy at ${target.url}`;
  const cluster = clusterArn === undefined
    ? "any cluster"
    : `cluster ${clusterArn.split("/").at(-1)}`;
  const isControlled = hasToken || isLoopback(new URL(url).hostname);
  return [
    `${terminal.paint("bold", `ACS emulator ${VERSION} is ready.`)} Ctrl-C stops it.`,
    "",
    ...paragraph(
      `ECS and ACS are at ${url}${behind} (region ${region}, ${cluster})`,
      terminal,
      "  ",
    ),
    ...isControlled ? [`  Console:     ${reachableUrl(url)}${CONSOLE_PATH}`] : [],
    ...controlHelp(`${url}${CONTROL_PATH}`, hasToken).flatMap(([label, text]) =>
      paragraph(text, terminal, `  ${label}`)
    ),
    "",
  ];
}

/** How to control the emulator: pairs of a label and a text. */
function controlHelp(url: string, hasToken: boolean): (readonly [string, string])[] {
  if (hasToken) return [["Control it:  ", `at ${url} with the control token as bearer token`]];
  if (!isLoopback(new URL(url).hostname)) {
    const text = "Other machines can reach it, so the control plane is off; set --control-token " +
      "to enable it.";
    return [["", text]];
  }
  return [
    ["Control it:  ", `npx @acs/session send run-task${urlFlag(url)}`],
    ["or:          ", `curl -d '{}' ${shellWord(`${url}run-task`)}`],
  ];
}

function paragraph(text: string, { columns }: Terminal, label = ""): string[] {
  return wrapText(text, columns, label);
}
