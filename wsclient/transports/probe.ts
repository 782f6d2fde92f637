/**
 * Requests the URL of a failed upgrade once more, by plain HTTP, to learn why it failed: the
 * runtimes' WebSocket hides the answer. This is the part that is the same on every runtime; how to
 * send the request is passed in.
 *
 * @module
 */

import { parseDateHeader } from "../signing/clock_skew.ts";
import { abortable, timeLimit } from "../../internal/time_limit.ts";
import { ConnectError } from "../../errors.ts";
import { MAX_REFUSAL_BODY_BYTES, UpgradeRefusedError } from "../upgrade_refused_error.ts";
import type { TransportRequest } from "../transport.ts";
import { BoundedBody } from "../../internal/bounded_body.ts";
import { redirectOrigin } from "../../internal/redirect_origin.ts";

/** How long a probe may take by default, in ms. Our choice: a third of the connect timeout. */
export const PROBE_TIMEOUT_MS = 10_000;

/** One HTTP request to send. */
export interface ProbeRequest {
  /** The `http:` or `https:` form of the WebSocket's URL. */
  readonly url: string;
  /** The signed headers and those of an upgrade. */
  readonly headers: Record<string, string>;
  /** Aborts on the caller's signal and at the time limit. */
  readonly signal: AbortSignal;
}

/** The response: the head, and the body as it arrives. */
export interface ProbeAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The `Date` header, as sent. */
  readonly date: string | null | undefined;
  /** The `Location` header, as sent. */
  readonly location: string | null | undefined;
  /** The `Connection` header, as sent. */
  readonly connection: string | null;
  /** The body's chunks; leaving the iteration early must release the rest. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends one HTTP request without following redirects, and lets `read` process the response before
 * the connection is released.
 */
export type SendProbe = (
  request: ProbeRequest,
  read: (answer: ProbeAnswer) => Promise<Error>,
) => Promise<Error>;

/** Parameters of {@linkcode probe} besides the request. */
export interface ProbeOptions {
  /** The time limit, in ms. */
  readonly timeoutMs: number;
  /**
   * The error that the WebSocket reported; it becomes the cause if the probe does not learn more.
   */
  readonly failure: Error | undefined;
  /** How to send a request on this runtime. */
  readonly send: SendProbe;
  /** Converts an error thrown by `send` into an error for the user. */
  readonly explain: (host: string, error: unknown) => ConnectError;
}

/**
 * Requests the same URL again with fresh headers.
 *
 * @returns Why the upgrade failed, as far as can be learned: an {@linkcode UpgradeRefusedError} or
 * a {@linkcode ConnectError}. It never rejects.
 */
export async function probe(request: TransportRequest, options: ProbeOptions): Promise<Error> {
  const host = hostOf(request.url);
  let headers: Record<string, string>;
  try {
    // Before the time limit starts: it is for the peer, and not for the signing.
    headers = { ...await abortable(request.headers(), request.signal), ...upgradeHeaders() };
  } catch (error) {
    return new ConnectError(
      `no WebSocket connection to ${host}, and no second request was possible without headers`,
      { host, cause: error },
    );
  }
  const limit = timeLimit(options.timeoutMs, () => new Error("time is up"), request.signal);
  try {
    const probeRequest = { url: httpUrl(request.url), headers, signal: limit.signal };
    return await options.send(
      probeRequest,
      (answer) => explainAnswer(probeRequest.url, answer, options.failure),
    );
  } catch (error) {
    if (!limit.signal.aborted) return options.explain(host, error);
    return new ConnectError(
      `no WebSocket connection to ${host}, and asking for the reason timed out after ${options.timeoutMs} ms`,
      { host, cause: options.failure },
    );
  } finally {
    limit.clear();
  }
}

async function explainAnswer(
  url: string,
  answer: ProbeAnswer,
  failure: Error | undefined,
): Promise<Error> {
  const host = hostOf(url);
  if (answer.status === 101) {
    if (answer.connection?.trim().toLowerCase() !== "upgrade") return onlyWsTakes(host);
    return new ConnectError(
      `the WebSocket upgrade of ${host} failed, but a second one was accepted: try again`,
      { host, cause: failure },
    );
  }
  const body = await readBody(answer.body);
  return new UpgradeRefusedError({
    host,
    status: answer.status,
    body,
    serverDate: parseDateHeader(answer.date),
    redirectsTo: redirectOrigin(url, answer.location),
  });
}

/**
 * The error for an answer whose `Connection` header is a list, such as `keep-alive, Upgrade`: RFC
 * 6455 section 4.1 allows it, but Deno's WebSocket compares the whole value.
 */
export function onlyWsTakes(host: string): ConnectError {
  return new ConnectError(
    `${host} accepted the WebSocket upgrade with a Connection header that is not just "Upgrade", ` +
      'such as "keep-alive, Upgrade", which Deno\'s WebSocket does not accept. createWsTransport of ' +
      '"@acs/session/ws" accepts it',
    { host },
  );
}

/** A refusal's status is known by now, so a truncated body is used as far as it was received. */
async function readBody(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const body = new BoundedBody(MAX_REFUSAL_BODY_BYTES);
  try {
    for await (const chunk of chunks) {
      if (!body.add(chunk)) break;
    }
  } catch {
    return body.text();
  }
  return body.text();
}

/** The URL's host, with its port unless that is the scheme's default. */
export function hostOf(url: string): string {
  return new URL(url).host;
}

/** The URL of the HTTP request that asks for a WebSocket's upgrade. */
export function httpUrl(url: string): string {
  const http = new URL(url);
  http.protocol = http.protocol === "wss:" ? "https:" : "http:";
  return http.href;
}

function upgradeHeaders(): Record<string, string> {
  const key = crypto.getRandomValues(new Uint8Array(16));
  return {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": btoa(String.fromCharCode(...key)),
  };
}
