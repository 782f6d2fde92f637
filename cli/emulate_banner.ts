/**
 * The first lines of `acs emulate`: where it is, and how to use it.
 *
 * @module
 */

import { isLoopback } from "../emulator/control/control_access.ts";
import { CONSOLE_PATH, CONTROL_PATH } from "../emulator/control/control_paths.ts";
import { agentExports, type EmulatorTarget } from "./agent_environment.ts";
import { DEFAULT_PORT } from "./emulate_flags.ts";
import { howToStartARealAgent } from "./real_agent.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";
import { wrapText } from "./wrap_text.ts";

/** What the banner describes. */
export interface EmulateBanner {
  /** The emulator's own URL. */
  readonly url: string;
  /** How agents reach it. */
  readonly target: EmulatorTarget;
  /** Whether the command starts an agent, which then needs no instructions. */
  readonly startsAgent: boolean;
  /** Whether control calls need a token. */
  readonly hasToken: boolean;
  /** Where it is shown. */
  readonly terminal: Terminal;
}

/** The lines, none of them longer than the terminal unless a word is. */
export function emulateBanner(banner: EmulateBanner): string {
  const { target, startsAgent, terminal } = banner;
  if (startsAgent) return aboutEmulator(banner).join("\n");
  // What matters most comes last: on a small terminal the rest scrolls out of sight.
  return [
    "To connect an agent, set these variables and start it:",
    "",
    ...agentExports(target, terminal.columns - 2).map((line) => `  ${line}`),
    "",
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

/** How to control the emulator: lines, each with its label. */
function controlHelp(url: string, hasToken: boolean): (readonly [string, string])[] {
  if (hasToken) return [["Control it:  ", `at ${url} with the control token as bearer token`]];
  const { port, hostname, origin } = new URL(url);
  const flag = port === String(DEFAULT_PORT) ? "" : ` --url ${origin}`;
  if (!isLoopback(hostname)) {
    const text = "Other machines can reach it, so the control plane is off; set --control-token " +
      "to enable it.";
    return [["", text]];
  }
  return [
    ["Control it:  ", `npx @acs/session send run-task${flag}`],
    ["or:          ", `curl -d '{}' ${url}run-task`],
  ];
}

function paragraph(text: string, { columns }: Terminal, label = ""): string[] {
  return wrapText(text, columns, label);
}

/** Programs on this machine cannot connect to the unspecified address. */
export function reachableUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
