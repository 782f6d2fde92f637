/**
 * A recording proxy: forwards the traffic between agents and the service, and records it.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { EmulatorServer } from "../../emulator/http/server.ts";
import { splitTarget } from "../../emulator/http/requests.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { type AddEntry, SentMessages } from "./connection_record.ts";
import { type EndpointKind, RecordedEndpoints } from "./endpoints.ts";
import { passApiCall } from "./pass_api_call.ts";
import { passUpgrade } from "./pass_upgrade.ts";
import type { RequestSigner } from "./request_signer.ts";

/** Maximum time for a request to arrive, in ms. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Options of a recorder. */
export interface RecorderOptions {
  /** The address to listen on. */
  readonly hostname: string;
  /** The port; 0 for any free one. */
  readonly port: number;
  /** The URL of the service's ECS API. */
  readonly upstream: URL;
  /** Signs forwarded requests. */
  readonly signer: RequestSigner;
  /** Whether telemetry passes through the recorder. */
  readonly withTelemetry: boolean;
  /** Adds an entry to the trace. */
  readonly add: AddEntry;
  /** Reports a problem of the recorder itself. */
  readonly warn: (text: string) => void;
}

/** A recorder that is listening. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #server: EmulatorServer;
  readonly #endpoints: RecordedEndpoints;
  readonly #messages = new SentMessages();
  readonly #services = new Set<Duplex>();
  readonly #counts: Record<EndpointKind, number> = { acs: 0, tcs: 0 };
  #isClosed = false;

  private constructor(options: RecorderOptions, server: EmulatorServer) {
    this.#options = options;
    this.#server = server;
    this.#endpoints = new RecordedEndpoints(options.withTelemetry);
    server.serve({ request: this.#request, upgrade: this.#upgrade });
  }

  /**
   * Starts a recorder.
   *
   * @throws The system's error if the port is not available.
   */
  static async listen(options: RecorderOptions): Promise<Recorder> {
    const server = await EmulatorServer.listen({
      ...options,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      tls: undefined,
    });
    return new Recorder(options, server);
  }

  /** The URL of the ECS API for agents. */
  get url(): string {
    return this.#server.url;
  }

  /** Ends all connections on both sides. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#server.close();
    await Promise.all([...this.#services].map((service) =>
      new Promise<void>((resolve) => {
        service.once("close", () => resolve());
        service.destroy();
      })
    ));
  }

  readonly #request = (request: IncomingMessage, response: ServerResponse): void => {
    const { upstream, signer, add, warn } = this.#options;
    if (request.method !== "POST" || request.headers["x-amz-target"] === undefined) {
      return refuse(response, 404, "Only calls to the ECS API are forwarded");
    }
    if (isFromPage(request)) return refuse(response, 403, "Web pages must not call the ECS API");
    void passApiCall(request, response, {
      upstream,
      signer,
      endpoints: this.#endpoints,
      ownUrl: (host) => this.#server.endpointFor(host).replace(/\/$/, ""),
      add,
      warn,
      reset: ({ socket }) => this.#server.reset(socket),
    }).catch((error: unknown) => {
      // An agent that disconnected early needs no response.
      if (error !== request.errored) warn(describeError(error));
    });
  };

  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { path, query } = splitTarget(request);
    const endpoint = this.#endpoints.find(path, query);
    if (endpoint === undefined || isFromPage(request)) {
      const what = endpoint === undefined ? "404 Not Found" : "403 Forbidden";
      socket.on("error", () => {}).end(`HTTP/1.1 ${what}\r\nConnection: close\r\n\r\n`);
      return;
    }
    const { signer, add, warn } = this.#options;
    void passUpgrade(request, socket, head, {
      endpoint,
      signer,
      add,
      warn,
      messages: this.#messages,
      nextId: (kind) => ++this.#counts[kind],
      reset: (agent) => this.#server.reset(agent),
    }).then((service) => {
      if (service === undefined || service.destroyed) return;
      if (this.#isClosed) return void service.destroy();
      this.#services.add(service);
      service.once("close", () => this.#services.delete(service));
    });
  };
}

/** Whether a browser sends the request for a web page, which must not use the credentials. */
function isFromPage({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "Content-Type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify({ __type: "AccessDeniedException", message }));
}
