/**
 * A minimal agent for tests of the emulator: it signs, connects and records what it receives.
 *
 * @module
 */

import { AwsV4Signer } from "aws4fetch";
import type { IncomingMessage } from "node:http";
// @ts-types="@types/ws"
import { type RawData, WebSocket } from "ws";
import {
  type AcsEmulator,
  type EmulatorCredentials,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CLUSTER_ARN,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";

/** The query of an upgrade, as an agent sends it. */
export const QUERY: Readonly<Record<string, string>> = {
  agentHash: "deadbeef",
  agentVersion: "1.0.0",
  clusterArn: SAMPLE_CLUSTER_ARN,
  containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
  dockerVersion: "DockerVersion: 25.0.6",
  protocolVersion: "2",
  sendCredentials: "false",
  seqNum: "1",
};

/** The query of another container instance of the same cluster. */
export const OTHER_INSTANCE: Readonly<Record<string, string>> = {
  containerInstanceArn: `${SAMPLE_CONTAINER_INSTANCE_ARN}-other`,
};

/** How a test agent differs from a well-behaved one. */
export interface TestAgentOptions {
  /** Other query parameters; `undefined` omits one. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** The credentials to sign with. */
  readonly credentials?: EmulatorCredentials;
  /** Headers that replace those of its own signature. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The certificate authority of the emulator's certificate, PEM. */
  readonly ca?: string;
}

/** The URL of an upgrade. */
export function upgradeUrl(
  emulator: Pick<AcsEmulator, "url">,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...QUERY, ...query })) {
    if (value !== undefined) parameters.set(name, value);
  }
  return `${emulator.url}/ws?${parameters}`;
}

/** Signs a request with aws4fetch. */
export async function signHeaders(
  url: string,
  options: Partial<ConstructorParameters<typeof AwsV4Signer>[0]> = {},
): Promise<Record<string, string>> {
  const signer = new AwsV4Signer({
    url,
    ...EXAMPLE_CREDENTIALS,
    service: "ecs",
    region: "us-west-2",
    ...options,
  });
  return Object.fromEntries((await signer.sign()).headers);
}

/** The response to a refused upgrade. */
export interface Refusal {
  /** The HTTP status. */
  readonly status: number;
  /** The `Date` header. */
  readonly date: string | undefined;
  /** The body. */
  readonly body: string;
}

/** Requests an upgrade; the socket reports the outcome. */
export async function openSocket(
  emulator: Pick<AcsEmulator, "url">,
  options: TestAgentOptions = {},
): Promise<WebSocket> {
  const url = upgradeUrl(emulator, options.query);
  const headers = options.headers ?? await signHeaders(url, options.credentials);
  return new WebSocket(url.replace(/^http/, "ws"), {
    headers,
    ...(options.ca !== undefined && { ca: options.ca }),
  });
}

/** Requests an upgrade that must be refused. */
export async function expectRefusal(
  emulator: Pick<AcsEmulator, "url">,
  options: TestAgentOptions = {},
): Promise<Refusal> {
  const socket = await openSocket(emulator, options);
  return await new Promise((resolve, reject) => {
    socket.on("open", () => {
      socket.terminate();
      reject(new Error("The upgrade was admitted"));
    });
    socket.on("error", reject);
    socket.on("unexpected-response", (_request: unknown, response: IncomingMessage) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => body += chunk);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, date: response.headers.date, body });
      });
    });
  });
}

/** One frame from the service, decoded. */
export interface Frame {
  /** The message's type. */
  readonly type: string;
  /** The message. */
  readonly message: Readonly<Record<string, unknown>>;
}

/** How a connection ended. */
export interface End {
  /** 1006 when there was no close frame. */
  readonly code: number;
  /** The close frame's reason. */
  readonly reason: string;
  /** The error before the end, if there was one. */
  readonly error: Error | undefined;
}

/** A connected agent. */
export class TestAgent {
  /** Every frame so far that was neither a heartbeat nor raw. */
  readonly frames: Frame[] = [];
  /** Every frame so far, as text. */
  readonly texts: string[] = [];
  /** Resolves when the connection has ended. */
  readonly ended: Promise<End>;
  readonly #socket: WebSocket;
  #wake = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    let error: Error | undefined;
    socket.on("error", (thrown: Error) => error = thrown);
    // ws does not distinguish a reset from a normal end of the stream.
    socket.on("upgrade", (response: IncomingMessage) => {
      response.socket.on("error", (thrown: Error) => error = thrown);
    });
    this.ended = new Promise((resolve) => {
      socket.on("close", (code: number, reason: Uint8Array) => {
        resolve({ code, reason: new TextDecoder().decode(reason), error });
      });
    });
    socket.on("message", (data: RawData, isBinary: boolean) => this.#onMessage(data, isBinary));
  }

  /** Connects a well-behaved agent, or one that differs from it as the options say. */
  static async connect(
    emulator: Pick<AcsEmulator, "url">,
    options: TestAgentOptions = {},
  ): Promise<TestAgent> {
    const socket = await openSocket(emulator, options);
    const agent = new TestAgent(socket);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return agent;
  }

  /** Waits until `count` frames other than heartbeats have arrived. */
  async waitForFrames(count: number): Promise<readonly Frame[]> {
    while (this.frames.length < count) await this.#wake.promise;
    return this.frames;
  }

  /** Waits until `count` frames of any kind have arrived. */
  async waitForTexts(count: number): Promise<readonly string[]> {
    while (this.texts.length < count) await this.#wake.promise;
    return this.texts;
  }

  /** Sends a message. */
  send(type: string, message: object): void {
    this.#socket.send(JSON.stringify({ type, message }));
  }

  /** Sends a frame of any content. */
  sendRaw(data: string): void {
    this.#socket.send(data);
  }

  /** Acknowledges a message as the service expects. */
  ack({ message }: Frame): void {
    this.send("AckRequest", {
      cluster: message.clusterArn,
      containerInstance: message.containerInstanceArn,
      messageId: message.messageId,
    });
  }

  /** Acknowledges credentials as the service expects; those in a payload with an invented id. */
  ackCredentials({ message }: Frame): void {
    const { credentialsId = "id", expiration } = Object(message.roleCredentials);
    this.send("IAMRoleCredentialsAckRequest", {
      messageId: message.messageId,
      credentialsId,
      expiration: expiration ?? "2099-12-31T23:59:59Z",
    });
  }

  /** Starts the closing handshake. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Disconnects without a close frame. */
  async leave(): Promise<void> {
    this.#socket.terminate();
    await this.ended;
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const text = isBinary ? `binary:${data}` : String(data);
    this.texts.push(text);
    const frame = isBinary ? undefined : parseFrame(text);
    if (frame !== undefined && frame.type !== "HeartbeatMessage") this.frames.push(frame);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

function parseFrame(text: string): Frame | undefined {
  if (!text.startsWith('{"type":')) return undefined;
  const { type, message } = JSON.parse(text);
  return { type, message };
}

/** The types of frames, in order. */
export function typesOf(frames: readonly Frame[]): string[] {
  return frames.map(({ type }) => type);
}
