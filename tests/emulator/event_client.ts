/**
 * A client of the emulator's event stream.
 *
 * @module
 */

import { type IncomingMessage, request } from "node:http";
import type { AcsEmulator } from "../../emulator/mod.ts";

/** One event of the stream. */
export interface StreamedEvent {
  /** Its name; `message` for an entry of the transcript. */
  readonly event: string;
  /** Its id, if it has one. */
  readonly id: number | undefined;
  /** Its data. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The request for a stream. */
export interface StreamRequest {
  /** The query, such as `?after=3`. */
  readonly query?: string;
  /** The headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client that is connected to the stream. */
export class EventClient {
  /** All events that have been read. */
  readonly events: StreamedEvent[] = [];
  /** All comments that have been read, without their colon. */
  readonly comments: string[] = [];
  /** Resolves when either side has ended the stream. */
  readonly ended: Promise<void>;
  readonly #response: IncomingMessage;
  #rest = "";
  #wake = Promise.withResolvers<void>();

  private constructor(response: IncomingMessage) {
    this.#response = response;
    // Either side may have destroyed it.
    response.on("error", () => {});
    this.ended = new Promise((resolve) => void response.once("close", () => resolve()));
    response.setEncoding("utf8");
  }

  /** Connects a client that reads. */
  static async connect(emulator: AcsEmulator, options: StreamRequest = {}): Promise<EventClient> {
    const client = await EventClient.connectPaused(emulator, options);
    client.read();
    return client;
  }

  /** Connects a client that does not read until {@linkcode EventClient.read}. */
  static connectPaused(
    { url }: Pick<AcsEmulator, "url">,
    { query = "", headers = {} }: StreamRequest = {},
  ): Promise<EventClient> {
    return new Promise((resolve, reject) => {
      const outgoing = request(`${url}/emulator/events${query}`, {
        headers,
        agent: false,
      }, (response) => {
        if (response.statusCode === 200) return resolve(new EventClient(response));
        response.resume();
        reject(new Error(`The stream was answered with ${response.statusCode}`));
      });
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  /** The response's headers. */
  get headers(): IncomingMessage["headers"] {
    return this.#response.headers;
  }

  /** The entries among the events. */
  get entries(): readonly StreamedEvent[] {
    return this.events.filter(({ event }) => event === "message");
  }

  /** Starts reading. */
  read(): void {
    this.#response.on("data", (chunk: string) => {
      const blocks = (this.#rest + chunk).split("\n\n");
      this.#rest = blocks.pop() ?? "";
      for (const block of blocks) {
        if (block.startsWith(":")) this.comments.push(block.slice(1).trim());
        const event = parse(block);
        if (event !== undefined) this.events.push(event);
      }
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
  }

  /** Waits until the events so far satisfy a condition. */
  async until(isEnough: (client: EventClient) => boolean): Promise<void> {
    while (!isEnough(this)) await this.#wake.promise;
  }

  /** Disconnects. */
  async leave(): Promise<void> {
    this.#response.destroy();
    await this.ended;
  }
}

function parse(block: string): StreamedEvent | undefined {
  const fields = new Map(
    block.split("\n").map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const data = fields.get("data");
  if (data === undefined) return undefined;
  const id = fields.get("id");
  return {
    event: fields.get("event") ?? "message",
    id: id === undefined ? undefined : Number(id),
    data: JSON.parse(data),
  };
}
