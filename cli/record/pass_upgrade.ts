/**
 * Forwards an upgrade with a new signature, then the bytes of the connection, unchanged and
 * immediately.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { splitTarget } from "../../emulator/http/requests.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { describeRefusal } from "./api_call_record.ts";
import { AcsConnectionRecord, type AddEntry, type SentMessages } from "./connection_record.ts";
import type { EndpointKind, UpstreamEndpoint } from "./endpoints.ts";
import { clientFrame, FrameReader, OPCODE } from "./frame_reader.ts";
import { keptHeaders } from "./headers.ts";
import { openUpstream } from "./open_upstream.ts";
import type { RequestSigner } from "./request_signer.ts";
import { ResponseHead } from "./response_head.ts";
import { signTelemetry, telemetryType } from "./telemetry_frames.ts";

/**
 * Maximum size of a message whose content is recorded, in bytes. Larger messages are still
 * forwarded.
 */
const MAX_RECORDED_BYTES = 2 ** 20;

/** Maximum size of a refusal's body that is recorded, in bytes. */
const MAX_REFUSAL_BYTES = 8_192;

/** Bytes of telemetry waiting for signatures beyond which reading from the agent is paused. */
const MAX_WAITING_BYTES = 2 ** 20;

/** Maximum time between the end of one side and the end of the other, in ms. */
const END_TIMEOUT_MS = 30_000;

/** Everything that is needed to forward an upgrade. */
export interface UpgradeContext {
  /** The endpoint to forward it to. */
  readonly endpoint: UpstreamEndpoint & { readonly upgrade: URL };
  /** Signs the upgrade. */
  readonly signer: RequestSigner;
  /**
   * Returns the number of a new connection to a service; called when the service accepts the
   * upgrade.
   */
  readonly nextId: (kind: EndpointKind) => number;
  /** The messages of all connections. */
  readonly messages: SentMessages;
  /** Adds an entry to the trace. */
  readonly add: AddEntry;
  /** Reports a problem of the recorder itself. */
  readonly warn: (text: string) => void;
  /** Resets the TCP stream beneath the agent's socket. */
  readonly reset: (socket: Duplex) => void;
}

/** Forwards an upgrade and the traffic of its connection. */
export async function passUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  context: UpgradeContext,
): Promise<Socket | undefined> {
  const { endpoint: { kind, upgrade }, signer, add, warn } = context;
  const ignore = () => {};
  socket.on("error", ignore);
  try {
    const { headers, secrets } = await signer.sign({ method: "GET", url: upgrade.href });
    if (socket.destroyed) return undefined;
    const upstream = await openUpstream(upgrade);
    if (socket.destroyed) {
      upstream.destroy();
      return undefined;
    }
    upstream.write(upgradeRequest(request, upgrade, headers));
    new Passage(request, socket, upstream, secrets, context).begin(head);
    return upstream;
  } catch (error) {
    if (socket.destroyed) return undefined;
    const reason = describeError(error);
    warn(`could not forward an upgrade to ${upgrade.host}: ${reason}`);
    const identity = identityOf(kind, new URLSearchParams(splitTarget(request).query));
    add("refused", { ...identity, serviceEnd: "reset", exception: "", reason });
    context.reset(socket);
    return undefined;
  }
}

/**
 * The agent's request with the new host and signature. Extensions are dropped, so that frames are
 * not compressed.
 */
function upgradeRequest(
  { rawHeaders }: IncomingMessage,
  url: URL,
  signed: Readonly<Record<string, string>>,
): string {
  const kept = keptHeaders(rawHeaders, ["sec-websocket-extensions"]);
  const headers = { host: url.host, connection: "Upgrade", ...kept, ...signed };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${url.pathname}${url.search} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** The fields of every entry about an upgrade that was not accepted. */
function identityOf(
  kind: EndpointKind,
  query: URLSearchParams,
): { readonly request: string; readonly containerInstanceArn: string } {
  return {
    request: kind === "tcs" ? "telemetry upgrade" : "upgrade",
    containerInstanceArn: query.get("containerInstanceArn") ?? query.get("containerInstance") ?? "",
  };
}

/** One connection through the recorder. */
class Passage {
  readonly #context: UpgradeContext;
  readonly #agent: Duplex;
  readonly #service: Socket;
  readonly #secrets: readonly string[];
  readonly #query: URLSearchParams;
  readonly #head = new ResponseHead(MAX_REFUSAL_BYTES);
  #fromService: FrameReader | undefined;
  #fromAgent: FrameReader | undefined;
  #acs: AcsConnectionRecord | undefined;
  #lostReason = "";
  #lost: "end" | "reset" | undefined;
  #isAgentGone = false;
  #openSides = 2;

  constructor(
    request: IncomingMessage,
    agent: Duplex,
    service: Socket,
    secrets: readonly string[],
    context: UpgradeContext,
  ) {
    this.#context = context;
    this.#agent = agent;
    this.#service = service;
    this.#secrets = secrets;
    this.#query = new URLSearchParams(splitTarget(request).query);
  }

  begin(head: Buffer): void {
    const agent = this.#agent;
    const service = this.#service;
    // Data is forwarded first and recorded second.
    service.pipe(agent);
    service.on("data", (chunk: Uint8Array) => this.#onServiceData(chunk));
    service.once("end", () => this.#serviceEnded("end"));
    service.on("error", (error) => this.#serviceFailed(error));
    agent.once("end", () => this.#agentEnded("end"));
    agent.on("error", () => {
      this.#agentEnded("reset");
      service.resetAndDestroy();
    });
    this.#closeAfter(agent, service);
    this.#closeAfter(service, agent);
    if (this.#context.endpoint.kind === "tcs") return this.#signTelemetry(head);
    if (head.byteLength > 0) service.write(head);
    agent.pipe(service);
    agent.on("data", (chunk: Uint8Array) => this.#fromAgent?.push(chunk));
  }

  /** When one side has closed, ends the other, and destroys it after a timeout. */
  #closeAfter(gone: Duplex, other: Duplex): void {
    gone.once("close", () => {
      this.#openSides -= 1;
      if (this.#openSides === 0) return this.#finish();
      other.end();
      const timer = setTimeout(() => other.destroy(), END_TIMEOUT_MS);
      other.once("close", () => clearTimeout(timer));
    });
  }

  #onServiceData(chunk: Uint8Array): void {
    if (this.#fromService !== undefined) return this.#fromService.push(chunk);
    const rest = this.#head.push(chunk);
    if (rest === undefined || this.#head.status !== 101) return;
    this.#accepted();
    // The reader exists now.
    this.#onServiceData(rest);
  }

  /** Starts recording after the service has accepted the upgrade. */
  #accepted(): void {
    const { endpoint: { kind }, nextId, add, messages } = this.#context;
    const connectionId = nextId(kind);
    if (kind === "tcs") {
      this.#fromService = new FrameReader({ message() {}, control() {} }, 0);
      return;
    }
    const containerInstanceArn = this.#query.get("containerInstanceArn") ?? "";
    const record = new AcsConnectionRecord({ connectionId, containerInstanceArn }, add, messages);
    this.#acs = record;
    this.#fromService = new FrameReader(record.fromService, MAX_RECORDED_BYTES);
    this.#fromAgent = new FrameReader(record.fromAgent, MAX_RECORDED_BYTES);
    record.opened(this.#query.get("sendCredentials") === "true");
  }

  #serviceEnded(how: "end" | "reset"): void {
    this.#lost ??= how;
    this.#acs?.ended("service", how);
  }

  #serviceFailed(error: Error): void {
    const { endpoint: { upgrade }, warn, reset } = this.#context;
    this.#lostReason = describeError(error);
    if (!this.#isAgentGone && this.#head.status === undefined) {
      warn(`the connection to ${upgrade.host} failed: ${this.#lostReason}`);
    }
    this.#serviceEnded("reset");
    reset(this.#agent);
  }

  #agentEnded(how: "end" | "reset"): void {
    this.#isAgentGone = true;
    this.#acs?.ended("agent", how);
  }

  #finish(): void {
    if (this.#acs !== undefined) return this.#acs.closed();
    const { endpoint: { kind }, add, signer } = this.#context;
    const { status, body } = this.#head;
    if (status === 101) return;
    const identity = identityOf(kind, this.#query);
    if (status === undefined) {
      const reason = this.#lostReason ||
        (this.#lost === undefined
          ? "The agent disconnected before the service responded"
          : "The service ended the connection without a response");
      return add("refused", {
        ...identity,
        exception: "",
        reason,
        ...(this.#lost !== undefined && { serviceEnd: this.#lost }),
      });
    }
    signer.refused(status, this.#head.header("date"));
    const errorType = this.#head.header("x-amzn-errortype") ?? "";
    const refusal = describeRefusal(body, { status, errorType, secrets: this.#secrets });
    add("refused", { ...identity, ...refusal });
  }

  /** Forwards the agent's telemetry in order, each frame with a new signature. */
  #signTelemetry(head: Buffer): void {
    const agent = this.#agent;
    const service = this.#service;
    const { endpoint: { upgrade }, signer, add, warn } = this.#context;
    let waitingBytes = 0;
    let passed = Promise.resolve();
    const pass = (bytes: number, make: () => Uint8Array | Promise<Uint8Array>) => {
      waitingBytes += bytes;
      if (waitingBytes > MAX_WAITING_BYTES) agent.pause();
      passed = passed.then(async () => {
        const frame = await make();
        waitingBytes -= bytes;
        if (service.destroyed) return;
        if (!service.write(frame)) await drained(service);
        if (waitingBytes <= MAX_WAITING_BYTES) agent.resume();
      }).catch((error: unknown) => {
        warn(`could not forward telemetry to ${upgrade.host}: ${describeError(error)}`);
        service.destroy();
        agent.destroy();
      });
    };
    const reader = new FrameReader({
      message: (data, bytes, isBinary) => {
        if (data === undefined) {
          warn(`a telemetry frame of ${bytes} bytes is too large to be re-signed`);
          return agent.destroy(new Error("the frame is too large"));
        }
        const containerInstanceArn = this.#query.get("containerInstance") ?? "";
        add("telemetry", { containerInstanceArn, type: telemetryType(data), bytes });
        const opcode = isBinary ? OPCODE.binary : OPCODE.text;
        pass(bytes, async () => clientFrame(opcode, await signTelemetry(data, upgrade, signer)));
      },
      control: (opcode, payload) => pass(payload.byteLength, () => clientFrame(opcode, payload)),
    }, MAX_RECORDED_BYTES);
    agent.on("data", (chunk: Uint8Array) => reader.push(chunk));
    agent.once("end", () => void passed.then(() => service.end()));
    if (head.byteLength > 0) reader.push(head);
  }
}

/** Waits until a socket accepts more data or has closed. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.once("drain", done).once("close", done);
  });
}
