/**
 * The part of the native transport that is specific to Deno.
 *
 * Deno's WebSocket exposes neither why an upgrade failed nor, except in the text of its `error`
 * event, how a connection ended. So a probe finds out the first, and the second is parsed from that
 * text, here and nowhere else.
 *
 * @module
 */

import { oneLine } from "../../internal/one_line.ts";
import { ConnectError } from "../../errors.ts";
import type { TransportEnd, TransportRequest } from "../transport.ts";
import { Listeners } from "./listeners.ts";
import { denoErrorCode } from "./deno_error.ts";
import type { NativeRuntime, NativeSettings, NativeSocket } from "./native_runtime.ts";
import { proxyUse } from "./proxy_use.ts";
import { hostOf, onlyWsTakes, probe, type ProbeAnswer, type ProbeRequest } from "./probe.ts";
import { NO_UPGRADE, unacceptable, unofferedIn } from "./upgrade_answer.ts";

/** Deno's WebSocket. */
export const denoRuntime: NativeRuntime = {
  open(request, headers, settings) {
    return new DenoSocket(request, headers, settings);
  },
};

/**
 * The HTTP client shared by all attempts in progress. The default client cannot be used, since it
 * supports HTTP/2, and Deno then opens a second connection for each refused upgrade. A separate
 * client for each attempt would leave 5 KB in the allocator.
 */
class AttemptsClient {
  #client: Deno.HttpClient | undefined;
  #attempts = 0;

  /** Returns the client for a new attempt. */
  acquire(): Deno.HttpClient {
    this.#attempts += 1;
    return this.#client ??= Deno.createHttpClient({ http2: false });
  }

  /** Called when an attempt has ended. An open WebSocket no longer needs the client. */
  release(): void {
    this.#attempts -= 1;
    if (this.#attempts > 0) return;
    this.#client?.close();
    this.#client = undefined;
  }
}

const attemptsClient = new AttemptsClient();

class DenoSocket implements NativeSocket {
  readonly webSocket: WebSocket;
  readonly #host: string;
  readonly #settings: NativeSettings;
  readonly #listeners: Listeners;
  /** The client from the options, or the shared one. */
  readonly #client: Deno.HttpClient;
  #mustReleaseClient: boolean;
  /** Only until the connection is open, since much of the attempt is reachable through it. */
  #request: TransportRequest | undefined;

  constructor(
    request: TransportRequest,
    headers: Record<string, string>,
    settings: NativeSettings,
  ) {
    this.#host = hostOf(request.url);
    this.#request = request;
    this.#settings = settings;
    const { client } = settings.webSocketOptions;
    this.#mustReleaseClient = !(client instanceof Deno.HttpClient);
    this.#client = client instanceof Deno.HttpClient ? client : attemptsClient.acquire();
    try {
      this.webSocket = new WebSocket(request.url, {
        ...settings.webSocketOptions,
        headers,
        client: this.#client,
      });
    } catch (error) {
      this.#releaseClient();
      throw error;
    }
    this.#listeners = new Listeners(this.webSocket);
  }

  whenFailed(failed: (error: Error) => void): void {
    const onFailure = (event: Event) => {
      this.#listeners.clear();
      void this.#explain(new Error(messageOf(event))).then(failed);
    };
    this.#listeners.add("error", onFailure);
    this.#listeners.add("close", onFailure);
    const offersProtocols = this.#settings.webSocketOptions["protocols"] !== undefined;
    this.#listeners.add("open", () => {
      const reason = unofferedIn(this.webSocket, offersProtocols);
      if (reason !== undefined) failed(unacceptable(this.#host, reason));
    });
  }

  whenEnded(ended: (end: TransportEnd) => void): void {
    this.#request = undefined;
    this.#listeners.clear();
    this.#releaseClient();
    this.#listeners.add("error", (event) => ended(endOf(this.#host, messageOf(event))));
    this.#listeners.add("close", ({ code, reason }) => ended({ kind: "close", code, reason }));
  }

  /** Deno writes a pong before it continues reading, so there is at most one of them. */
  get bufferedAmount(): number {
    return this.webSocket.bufferedAmount;
  }

  send(text: string): void {
    this.webSocket.send(text);
  }

  /** Deno cannot destroy a socket: if its peer stays silent, it exists until TCP gives up. */
  release(): void {
    this.#listeners.clear();
    this.#releaseClient();
  }

  #releaseClient(): void {
    if (this.#mustReleaseClient) attemptsClient.release();
    this.#mustReleaseClient = false;
  }

  #explain(failure: Error): Promise<Error> {
    if (this.#request === undefined) return Promise.resolve(failure);
    // Over TLS, Deno's text does not say as much.
    if (failure.message.endsWith("Invalid connection header")) {
      return Promise.resolve(onlyWsTakes(this.#host));
    }
    if (failure.message.endsWith("Invalid upgrade header")) {
      return Promise.resolve(unacceptable(this.#host, NO_UPGRADE));
    }
    const { url } = this.#request;
    return probe(this.#request, {
      timeoutMs: this.#settings.probeTimeoutMs,
      failure,
      send: (request, read) => sendProbe(request, read, this.#client),
      explain: (_host, error) => explain(url, error, failure),
    });
  }
}

/** Uses the WebSocket's own client: its proxy and authorities are needed to get through. */
async function sendProbe(
  { url, headers, signal }: ProbeRequest,
  read: (answer: ProbeAnswer) => Promise<Error>,
  client: Deno.HttpClient,
): Promise<Error> {
  const response = await fetch(url, { headers, signal, redirect: "manual", client });
  return await read({
    status: response.status,
    date: response.headers.get("date"),
    location: response.headers.get("location"),
    connection: response.headers.get("connection"),
    body: response.body ?? new Blob().stream(),
  });
}

/** How an open connection ended, from the text of the `error` event. */
function endOf(host: string, text: string): TransportEnd {
  // "Unexpected EOF" is a FIN; with TLS, rustls also says so if no close_notify came before it.
  if (text === "Unexpected EOF" || text.startsWith("peer closed connection without sending TLS")) {
    return { kind: "eof" };
  }
  const message = `lost the connection to ${host}: ${oneLine(text) || "no reason given"}`;
  return {
    kind: "error",
    error: new ConnectError(message, { host, systemCode: denoErrorCode(text) }),
  };
}

function explain(url: string, error: unknown, failure: Error): ConnectError {
  const host = hostOf(url);
  // The cause says more than "fetch failed", but it quotes the whole URL, so only its text is used.
  const reported = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = (reported instanceof Error ? reported.message : String(reported))
    .replace(/^error sending request .*?client error \(\w+\): /s, "")
    .replace(/\?[^\s)]*/g, "");
  return new ConnectError(`cannot connect to ${host}: ${oneLine(text)}`, {
    cause: failure,
    host,
    systemCode: denoErrorCode(text),
    proxy: proxyUse(url, error),
  });
}

function messageOf(event: Event): string {
  return event instanceof ErrorEvent ? event.message : "closed before it was open";
}
