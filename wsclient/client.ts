/**
 * One signed WebSocket connection to ACS: connect, receive, send, close.
 *
 * @module
 */

import { AcsError, ConnectError } from "../errors.ts";
import { addJitter, type RandomSource } from "../internal/jitter.ts";
import { toError } from "../internal/redaction/describe_error.ts";
import { redact } from "../internal/redaction/redact.ts";
import { redactError } from "./redact_error.ts";
import { isInstance, safeGet, safeText } from "../internal/safe_get.ts";
import { CONNECTION_EXPIRED } from "../protocol/close.ts";
import { encodeMessage } from "../protocol/encode.ts";
import type { SentMessages, SentMessageType } from "../protocol/messages.ts";
import type { ConnectionEnd } from "./connection_end.ts";
import type { ConnectionLimits, ConnectionTiming } from "./connection_options.ts";
import { Deadlines } from "./deadlines.ts";
import { detachable } from "./detachable_listener.ts";
import { FrameWriter } from "./frame_writer.ts";
import { IdleTimer } from "./idle_timer.ts";
import type { Frame, TransportConnection, TransportEnd, TransportListener } from "./transport.ts";
import { closeQuietly, upgrade, type UpgradedConnection, type UpgradeOptions } from "./upgrade.ts";

/** How to connect, and the limits of the connection. */
export interface WsClientOptions extends UpgradeOptions {
  /** The source of jitter. */
  readonly random: RandomSource;
  /** Its time constants. */
  readonly timing: ConnectionTiming;
  /** Its limits. */
  readonly limits: Pick<ConnectionLimits, "maxSendBufferSize">;
}

/**
 * Receives frames.
 *
 * @param frame The frame.
 * @param receivedAt When it was received, in ms of `performance.now()`.
 */
export type FrameListener = (frame: Frame, receivedAt: number) => void;

/** There is no open connection to send on. */
export class NotConnectedError extends AcsError {
  /** Always `"NotConnectedError"`. */
  override readonly name = "NotConnectedError";
}

const NOT_A_FRAME = "the transport delivered a frame that is neither text nor bytes";
const NOT_AN_END = "the transport reported an end that is neither a close, an eof nor an error";

function isFrame(data: unknown): data is Frame {
  return typeof data === "string" || isInstance(data, Uint8Array);
}

/** One open connection; not reusable. */
export class WsClient {
  /** The host that it is connected to. */
  readonly host: string;
  readonly #options: Pick<WsClientOptions, "random" | "timing" | "limits">;
  readonly #connection: TransportConnection;
  readonly #secrets: ReadonlySet<string>;
  #isOpen = true;
  /** Writes frames while the connection is served. */
  #writer: FrameWriter | undefined;
  /** Ends {@linkcode WsClient.serve}. */
  #finish: ((end: ConnectionEnd) => void) | undefined;

  private constructor(options: WsClientOptions, { connection, secrets }: UpgradedConnection) {
    const { url, random, timing, limits } = options;
    this.host = new URL(url).host;
    // Only these are kept: the other options are for connecting, and a connection may last for
    // hours.
    this.#options = { random, timing, limits };
    this.#connection = connection;
    this.#secrets = secrets;
  }

  /**
   * Opens a connection.
   *
   * @param options How to connect.
   * @param signal Cancels the attempt immediately.
   * @throws What `upgrade` throws.
   */
  static async connect(options: WsClientOptions, signal: AbortSignal): Promise<WsClient> {
    return new WsClient(options, await upgrade(options, signal));
  }

  /**
   * Receives frames until the connection ends. Closes the connection if the peer is silent or accepts
   * no data for too long, or if the connection has reached its maximum lifetime.
   *
   * @param onFrame Called with each frame.
   * @returns How the connection ended. Does not wait for the peer to answer a close frame.
   * @throws {NotConnectedError} If the connection has already been closed.
   */
  serve(onFrame: FrameListener): Promise<ConnectionEnd> {
    if (!this.#isOpen) return Promise.reject(this.#notConnected());
    const { random, timing } = this.#options;
    const { promise, resolve } = Promise.withResolvers<ConnectionEnd>();
    const deadlines = new Deadlines();
    const onIdle = () => void this.#leave({ kind: "idle" }, "IdleTimeout: nothing received");
    const idleTimer = new IdleTimer(timing, random, deadlines, onIdle);
    this.#writer = this.#createWriter(deadlines);
    const { connectionLifetimeMs, connectionLifetimeJitterMs } = timing;
    deadlines.set(
      deadlines.add(() => void this.#leave({ kind: "expired" }, CONNECTION_EXPIRED)),
      addJitter(connectionLifetimeMs, connectionLifetimeJitterMs, random),
    );
    const { listener, detach } = detachable(this.#listen(idleTimer, onFrame));
    this.#finish = (end) => {
      detach();
      deadlines.clear();
      resolve(end);
    };
    try {
      this.#connection.listen(listener);
    } catch (error) {
      this.#fail(error);
    }
    return promise;
  }

  /**
   * Sends one message.
   *
   * @param type The message's type.
   * @param message The message.
   * @throws {NotConnectedError} If the connection has ended or is not being served.
   */
  send<T extends SentMessageType>(type: T, message: SentMessages[T]): void {
    if (this.#writer === undefined) throw this.#notConnected();
    this.#writer.send(encodeMessage(type, message));
  }

  /**
   * Closes the connection with close code 1000. It counts as ended as soon as this is called.
   *
   * @param reason The reason in the close frame, at most 123 bytes.
   * @returns Settles when the peer has answered; see {@linkcode TransportConnection.close}.
   */
  close(reason: string): Promise<void> {
    return this.#leave({ kind: "closed", reason }, reason);
  }

  /** Redacts the secrets of the upgrade request in a text from the peer. */
  redact(text: string): string {
    return redact(text, [...this.#secrets]);
  }

  #createWriter(deadlines: Deadlines): FrameWriter {
    const { timing: { writeTimeoutMs }, limits: { maxSendBufferSize } } = this.#options;
    return new FrameWriter(this.#connection, deadlines, {
      writeTimeoutMs,
      maxBufferedBytes: maxSendBufferSize,
      onStalled: () =>
        void this.#leave({ kind: "write-stalled" }, "WriteTimeout: nothing accepted"),
      onOverflow: () =>
        void this.#leave({ kind: "write-overflow" }, "WriteOverflow: too little accepted"),
      onFailed: (error) => this.#fail(error),
    });
  }

  #listen(idleTimer: IdleTimer, onFrame: FrameListener): TransportListener {
    return {
      message: (data) => {
        if (!isFrame(data)) {
          return this.#fail(new ConnectError(`${this.host}: ${NOT_A_FRAME}`, { host: this.host }));
        }
        const now = performance.now();
        if (idleTimer.reset(now)) this.#checkEmpty();
        onFrame(data, now);
      },
      activity: ({ hasReceived, isWriting }) => {
        // An exception here, in a timer of the transport, would be uncaught.
        try {
          if (hasReceived) idleTimer.reset(performance.now());
          if (isWriting) this.#writer?.checkOverflow();
        } catch (error) {
          this.#fail(error);
        }
      },
      end: (end) => this.#end(this.#redactEnd(end)),
    };
  }

  #checkEmpty(): void {
    try {
      this.#writer?.checkEmpty();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The transport violated its contract. */
  #fail(error: unknown): void {
    void this.#leave({ kind: "error", error: this.#redactError(error) }, "TransportError");
  }

  async #leave(end: ConnectionEnd, reason: string): Promise<void> {
    if (this.#end(end)) await closeQuietly(this.#connection, reason);
  }

  /** @returns Whether the connection was open. */
  #end(end: ConnectionEnd): boolean {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#writer = undefined;
    this.#finish?.(end);
    this.#finish = undefined;
    return wasOpen;
  }

  #redactEnd(end: TransportEnd): TransportEnd {
    const kind = safeGet(end, "kind");
    if (kind === "eof" || kind === "write-overflow") return { kind };
    if (kind === "error") return { kind, error: this.#redactError(safeGet(end, "error")) };
    const code = safeGet(end, "code");
    if (kind === "close" && typeof code === "number") {
      return { kind, code, reason: this.redact(safeText(end, "reason") ?? "") };
    }
    // A user's own transport may be written in JavaScript.
    return {
      kind: "error",
      error: new ConnectError(`${this.host}: ${NOT_AN_END}`, { host: this.host }),
    };
  }

  #redactError(error: unknown): Error {
    return toError(redactError(error, [...this.#secrets]));
  }

  #notConnected(): NotConnectedError {
    return new NotConnectedError(`There is no open connection to ${this.host}`);
  }
}
