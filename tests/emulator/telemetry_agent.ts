/**
 * An agent's telemetry connection: each frame has its own signature.
 *
 * @module
 */

// @ts-types="@types/ws"
import { type RawData, WebSocket } from "ws";
import { type AcsEmulator, EXAMPLE_CREDENTIALS } from "../../emulator/mod.ts";
import { isJsonObject } from "../../internal/json.ts";
import { signHeaders } from "./test_agent.ts";

/** An answer of TCS. */
export interface TelemetryAnswer {
  /** Its type. */
  readonly type: string;
  /** The message. */
  readonly message: Record<string, unknown>;
}

/** A connection. */
export class TelemetryAgent {
  /** The answers so far. */
  readonly answers: TelemetryAnswer[] = [];
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #url: string;
  #wake = Promise.withResolvers<void>();

  private constructor(socket: WebSocket, url: string) {
    this.#socket = socket;
    this.#url = url;
    socket.on("error", () => {});
    this.ended = new Promise((resolve) => socket.on("close", () => resolve()));
    socket.on("message", (data: RawData) => {
      const parsed: unknown = JSON.parse(String(data));
      if (!isJsonObject(parsed) || !isJsonObject(parsed.message)) return;
      this.answers.push({ type: String(parsed.type), message: parsed.message });
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
  }

  /** Connects as the agent of an instance. */
  static async connect(
    { url }: Pick<AcsEmulator, "url">,
    containerInstance: string,
  ): Promise<TelemetryAgent> {
    const query = new URLSearchParams({
      agentHash: "deadbeef",
      agentVersion: "1.0.0",
      cluster: "default",
      containerInstance,
      dockerVersion: "25.0.6",
    });
    const target = `${url}/telemetry/ws?${query}`;
    const socket = new WebSocket(target.replace(/^http/, "ws"), {
      headers: await signHeaders(target),
    });
    const agent = new TelemetryAgent(socket, target);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return agent;
  }

  /** Sends a message in a signed frame. */
  async send(type: string, message: object, credentials = EXAMPLE_CREDENTIALS): Promise<void> {
    const payload = JSON.stringify({ type, message });
    // An agent signs a GET with a body, which fetch and its signers do not support: only the method
    // is signed.
    const { Authorization, authorization = Authorization, ...rest } = await signHeaders(this.#url, {
      ...credentials,
      method: "GET",
      body: payload,
      headers: { "content-type": "application/json" },
    });
    const date = rest["x-amz-date"] ?? rest["X-Amz-Date"] ?? "";
    this.sendRaw(
      [
        `Authorization: ${authorization}`,
        `Content-Type: application/json`,
        `Host: ${new URL(this.#url).host}`,
        `X-Amz-Date: ${date}`,
        "",
        payload,
      ].join("\r\n"),
    );
  }

  /** Sends any frame. */
  sendRaw(data: string): void {
    this.#socket.send(data);
  }

  /** Waits for this many answers, not counting heartbeats. */
  async waitForAnswers(count: number): Promise<readonly TelemetryAnswer[]> {
    for (;;) {
      const answers = this.answers.filter(({ type }) => type !== "HeartbeatMessage");
      if (answers.length >= count) return answers;
      await this.#wake.promise;
    }
  }

  /** Waits for any answer. */
  async waitForAny(): Promise<TelemetryAnswer | undefined> {
    while (this.answers.length === 0) await this.#wake.promise;
    return this.answers[0];
  }

  /** Disconnects. */
  async leave(): Promise<void> {
    this.#socket.terminate();
    await this.ended;
  }
}
