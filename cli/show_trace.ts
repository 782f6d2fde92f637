/**
 * Serves the console with a trace, or prints the trace as text.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { CONSOLE_TRACE_PATH, consoleFile } from "../emulator/console/console_page.ts";
import { checkAccess, checkPageAccess } from "../emulator/control/control_access.ts";
import { ControlError } from "../emulator/control/control_error.ts";
import { CONSOLE_PATH } from "../emulator/control/control_paths.ts";
import { EmulatorServer } from "../emulator/http/server.ts";
import { splitTarget } from "../emulator/http/requests.ts";
import type { Trace } from "../emulator/trace/trace.ts";
import { formatTrace } from "../emulator/trace/write_trace.ts";
import { oneLine } from "../internal/one_line.ts";
import { SHORT_NAME_LENGTH } from "./emulator_report.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_USAGE } from "./exit.ts";
import { listenFailure } from "./listen_failure.ts";
import { loadReadableTrace } from "./load_trace.ts";
import { describeEntry } from "./record/describe_entry.ts";
import { Screen } from "./screen.ts";
import { stopOnSignals } from "./signals.ts";
import type { ColorChoice } from "./terminal.ts";
import { Timeline } from "./timeline.ts";

/** The flags of `acs show`. */
export interface ShowFlags {
  readonly port: number;
  readonly text?: boolean;
  readonly color: ColorChoice;
}

const HOSTNAME = "127.0.0.1";

/** Maximum time for a request to arrive, in ms. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Serves a trace until stopped, or prints it.
 *
 * @param file The file's path.
 * @param flags The command's flags.
 * @returns The exit code.
 * @throws {CommandFailure} If the file is not a trace, or the port cannot be used.
 */
export async function showTrace(file: string, flags: ShowFlags): Promise<number> {
  const { trace, problems } = await loadReadableTrace(file);
  const screen = new Screen({ color: flags.color, status: false });
  if (problems !== undefined) {
    screen.note(`${problems}\nOnly the events before that are shown.\n`);
  }
  const { entries, header } = trace;
  const count = entries.length === 1 ? "1 event" : `${entries.length} events`;
  const what = `${oneLine(file)}: ${count}, by ${oneLine(header.producer)}`;
  if (flags.text) {
    screen.print(`${what}, ${oneLine(header.recordedAt)}\n`);
    printEntries(trace, screen);
    return problems === undefined ? 0 : EXIT_FAILURE;
  }
  const server = await listen(flags.port);
  const stop = stopOnSignals();
  try {
    serve(server, trace);
    screen.print(`${what}. Ctrl-C stops it.\n\n  ${server.url}${CONSOLE_PATH}?trace\n`);
    await new Promise<void>((resolve) => {
      if (stop.signal.aborted) resolve();
      stop.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return 0;
  } finally {
    stop.release();
    await server.close();
  }
}

function printEntries({ entries }: Trace, screen: Screen): void {
  const timeline = new Timeline({ terminal: screen.out, whoWidth: SHORT_NAME_LENGTH });
  for (const { at, event, number: _, ...fields } of entries) {
    screen.print(timeline.format({ time: new Date(at), ...describeEntry(event, fields) }));
  }
}

async function listen(port: number): Promise<EmulatorServer> {
  try {
    return await EmulatorServer.listen({
      hostname: HOSTNAME,
      port,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      tls: undefined,
    });
  } catch (error) {
    const text = listenFailure(error, { hostname: HOSTNAME, port });
    throw new CommandFailure(text, EXIT_USAGE, { cause: error });
  }
}

function serve(server: EmulatorServer, { entries, header }: Trace): void {
  const { acsTrace: _, recordedAt, ...origin } = header;
  const text = formatTrace(entries, { ...origin, at: Date.parse(recordedAt) });
  server.serve({
    upgrade: (_request, socket) => void socket.destroy(),
    request: (request, response) => void answer(request, response, server.url, text),
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  trace: string,
): Promise<void> {
  const { path } = splitTarget(request);
  try {
    if (path === "/") return send(response, 302, { Location: `${CONSOLE_PATH}?trace` }, "");
    if (path === CONSOLE_TRACE_PATH) {
      checkAccess(request.headers, { url, token: undefined });
      return send(response, 200, { "Content-Type": "application/jsonl; charset=utf-8" }, trace);
    }
    checkPageAccess(request.headers, { url, token: undefined });
    const page = await consoleFile(path);
    if (page !== undefined) return send(response, 200, page.headers, page.body);
    send(response, 404, {}, "");
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    send(response, error.status, { "Content-Type": "text/plain; charset=utf-8" }, error.message);
  }
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  response.writeHead(status, {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...headers,
    "Content-Length": new TextEncoder().encode(body).byteLength,
  });
  response.end(body);
}
