/**
 * Serves the console's page: its files, and the headers that they are sent with.
 *
 * @module
 */

import { CONSOLE_PATH } from "../control/control_paths.ts";

/**
 * The path from which the page loads a trace if its query has `trace`. Only `acs show` serves a
 * trace there, not an emulator.
 */
export const CONSOLE_TRACE_PATH: string = `${CONSOLE_PATH}trace`;

/** A file of the page, as an HTTP response. */
export interface ConsoleFile {
  /** The response's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The response's body. */
  readonly body: string;
}

const CONTENT_TYPES: ReadonlyMap<string | undefined, string> = new Map([
  ["html", "text/html; charset=utf-8"],
  ["css", "text/css; charset=utf-8"],
  ["js", "text/javascript; charset=utf-8"],
  ["svg", "image/svg+xml"],
]);

/**
 * Forbids loading anything from other origins, framing the page, and turning text into markup.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/**
 * Returns a file of the page. The files are loaded on the first call.
 *
 * @param path The path of the request, such as `/emulator/ui/`.
 * @returns The file; `undefined` if the page has no such file.
 */
export async function consoleFile(path: string): Promise<ConsoleFile | undefined> {
  if (!path.startsWith(CONSOLE_PATH)) return undefined;
  const { CONSOLE_FILES } = await import("./console_files.gen.ts");
  const name = path.slice(CONSOLE_PATH.length) || "index.html";
  const body = CONSOLE_FILES.get(name);
  if (body === undefined) return undefined;
  return {
    headers: {
      "Content-Type": CONTENT_TYPES.get(name.split(".").at(-1)) ?? "text/plain; charset=utf-8",
      "Content-Length": String(new TextEncoder().encode(body).byteLength),
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Cache-Control": "no-store",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    },
    body,
  };
}
