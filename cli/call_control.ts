/**
 * Calls the control plane of a running emulator over HTTP.
 *
 * @module
 */

import process from "node:process";
import { CONTROL_PATH } from "../emulator/control/control_paths.ts";
import { safeGet, safeText } from "../internal/safe_get.ts";
import { CONTROL_TOKEN_VARIABLE } from "./emulate_flags.ts";
import { CommandFailure, EXIT_FAILURE } from "./exit.ts";

/** The flags of commands that call an emulator. */
export interface SendFlags {
  readonly url: string;
  readonly controlToken?: string;
}

/** The input of a call: the query of a GET or the body of a POST. */
export type ControlInput =
  | { readonly query: Readonly<Record<string, unknown>> }
  | { readonly body: Readonly<Record<string, unknown>> };

/**
 * Calls an operation.
 *
 * @param operation The operation's name.
 * @param flags The emulator's URL and token.
 * @param input The operation's input.
 * @returns The operation's result.
 * @throws {CommandFailure} If no emulator responds, or the operation fails.
 */
export async function callControl(
  operation: string,
  { url, controlToken }: SendFlags,
  input: ControlInput,
): Promise<unknown> {
  const token = controlToken ?? process.env[CONTROL_TOKEN_VARIABLE];
  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
  const target = `${url}${CONTROL_PATH}${operation}`;
  let status: number;
  let answer: unknown;
  try {
    const response = "query" in input
      ? await fetch(`${target}${queryOf(input.query)}`, { headers })
      : await fetch(target, { method: "POST", headers, body: JSON.stringify(input.body) });
    status = response.status;
    answer = await response.json();
  } catch (error) {
    throw new CommandFailure(
      `no emulator responds at ${url}: start one (npx @acs/session emulate), or set --url`,
      EXIT_FAILURE,
      { cause: error },
    );
  }
  if (status !== 200) {
    const problem = safeGet(answer, "error");
    const words = safeText(problem, "message") ?? `status ${status}`;
    throw new CommandFailure(`${safeText(problem, "name") ?? operation}: ${words}`, EXIT_FAILURE);
  }
  return answer;
}

function queryOf(fields: Readonly<Record<string, unknown>>): string {
  const texts = Object.entries(fields).map(([name, value]) => [name, String(value)]);
  return texts.length === 0 ? "" : `?${new URLSearchParams(texts)}`;
}
