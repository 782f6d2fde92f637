/**
 * Control calls over HTTP, with headers that `fetch` does not allow.
 *
 * @module
 */

import { request } from "node:http";
import type { AcsEmulator } from "../../emulator/mod.ts";
import { isJsonObject } from "../../internal/json.ts";

/** The answer to a call. */
export interface ControlAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The headers, with lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as text. */
  readonly text: string;
  /** The body. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The parts of a call besides its path. */
export interface ControlCall {
  /** The method; `POST` by default when there is a body. */
  readonly method?: string;
  /** The body: a string unchanged, anything else as JSON. */
  readonly body?: unknown;
  /** The headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborts the call. */
  readonly signal?: AbortSignal;
}

/** Makes a call. */
export function call(
  { url }: Pick<AcsEmulator, "url">,
  path: string,
  { body, method = body === undefined ? "GET" : "POST", headers = {}, signal }: ControlCall = {},
): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false as const, ...(signal && { signal }) };
    const outgoing = request(`${url}${path}`, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => text += chunk);
      response.on("end", () => {
        const parsed: unknown = JSON.parse(text);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: isJsonObject(parsed) ? parsed : {},
        });
      });
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
  });
}

/** Makes a call to an operation that must succeed. */
export async function operate(
  emulator: Pick<AcsEmulator, "url">,
  name: string,
  input: unknown = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { status, body, text } = await call(emulator, `/emulator/${name}`, { body: input });
  if (status !== 200) throw new Error(`${name} was answered with ${status}: ${text}`);
  return body;
}
