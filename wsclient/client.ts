/**
 * One signed WebSocket connection to ACS: connect, receive, send, leave.
 *
 * @module
 */

import { CONNECTION_EXPIRED } from "../protocol/close.ts";
import { type ConnectPhase, describeUnfinished } from "./connect_phase.ts";
import type { ClockSkew } from "./signing/clock_skew.ts";
import type { CredentialSource } from "./signing/credential_source.ts";
import type { AwsCredentialIdentity } from "./signing/credentials.ts";
import { Deadlines } from "./deadlines.ts";
import { type DecodedMessage, decodeMessage, frameText } from "../protocol/decode.ts";
import { toError } from "../internal/redaction/describe_error.ts";
import { redactError } from "../internal/redaction/redact_error.ts";
import { encodeMessage } from "../protocol/encode.ts";
import { AcsError, ConnectError } from "../errors.ts";
import { detachable } from "./detachable_listener.ts";
import { upgradeRefusalOf } from "./upgrade_refused_error.ts";
import { FrameGate } from "./frame_gate.ts";
import { IdleTimer } from "./idle_timer.ts";
import { MAX_BYTES_PER_CHARACTER, parsedBytes } from "../internal/held_bytes.ts";
import { addJitter, type RandomSource } from "../internal/jitter.ts";
import type { SentMessages, SentMessageType } from "../protocol/messages.ts";
import { isInstance, safeGet, safeText } from "../internal/safe_get.ts";
import { redact } from "../internal/redaction/redact.ts";
import { explainRefusal } from "./refused_upgrade.ts";
import { signatureOf, signRequest } from "./signing/sign.ts";
import { permissionError } from "../internal/missing_permission.ts";
import { abortable, timeLimit } from "../internal/time_limit.ts";
import type { Transport, TransportConnection, TransportEnd } from "./transport.ts";
import { WriteWatch } from "./write_watch.ts";

/** How an open connection ended: by the peer or the network, or by a decision of our own. */
export type ConnectionEnd =
  | TransportEnd
  /** Nothing was received for the idle limit. */
  | { readonly kind: "idle" }
  /** The peer took nothing of what was sent for the write deadline. */
  | { readonly kind: "write-stalled" }
  /** The connection reached its longest life; the service expects us to come back at once. */
  | { readonly kind: "expired" }
  /** The machine was suspended meanwhile: what is left of the connection cannot be trusted. */
  | { readonly kind: "suspended" }
  /** The session had more to handle than it may hold, and is ready for the rest. */
  | { readonly kind: "caught-up"; readonly lane: string }
  /** The session left, for the reason it gave. */
  | { readonly kind: "left"; readonly reason: string };

/** The time limits of one connection, in ms. */
export interface ConnectionTiming {
  /** Longest wait for the connect and the upgrade. Default 30 s, the reference's. */
  readonly connectTimeoutMs: number;
  /** Longest wait for the credentials function. Default 30 s. */
  readonly credentialsTimeoutMs: number;
  /** Longest silence of the peer. Default 60 s, the reference's `heartbeatTimeout`. */
  readonly idleTimeoutMs: number;
  /** The random part on top, drawn anew at each message. Default 60 s. */
  readonly idleJitterMs: number;
  /** Longest time without any byte taken of what is being sent. Default 3 min. */
  readonly writeTimeoutMs: number;
  /** Longest life. Default 30 min, the reference's `DisconnectTimeout`. */
  readonly connectionLifetimeMs: number;
  /** The random part on top. Default 5 min. */
  readonly connectionLifetimeJitterMs: number;
}

/** How much one connection holds at most. */
export interface ConnectionLimits {
  /**
   * The largest frame that is looked at, in characters, or bytes if it is binary; a larger one is
   * dropped. Runtimes have a limit of their own before this one, see docs/reliability.md. Default
   * 4 Mi, ours: ten task definitions of 64 KiB, the most that ECS takes, with overrides and credentials
   * have 1.3 Mi.
   */
  readonly maxFrameSize: number;
  /**
   * How much may wait to be written, in bytes; the connection is left when it is more. Default
   * 16 Mi, ours: an acknowledgement has some hundred.
   */
  readonly maxSendBufferSize: number;
}

/** How much memory one connection takes at most for what it receives. */
export interface WsClientMemory {
  /** For frames that wait to be parsed, in bytes. */
  readonly waitingBytes: number;
  /** For the frame that is being parsed, its text included, in bytes. */
  readonly parsingBytes: number;
}

/** A frame that is too large: it was not parsed. */
export interface OversizedFrame {
  /** Always `"oversized"`. */
  readonly kind: "oversized";
  /**
   * What it would take while it is parsed, in bytes, if that is more than
   * {@linkcode WsClientMemory.parsingBytes}; missing if it is longer than
   * {@linkcode ConnectionLimits.maxFrameSize}.
   */
  readonly bytes?: number;
}

/** What one connection needs. */
export interface WsClientOptions {
  /** Opens the socket. */
  readonly transport: Transport;
  /** The complete URL, see `acsUrl`. */
  readonly url: string;
  /** The region of the signature. */
  readonly region: string;
  /** Gives the keys of the signature. */
  readonly credentials: CredentialSource;
  /** Tells the time to sign with. */
  readonly clockSkew: ClockSkew;
  /** Where jitter comes from. */
  readonly random: RandomSource;
  /** Its time limits. */
  readonly timing: ConnectionTiming;
  /** How much it holds. */
  readonly limits: ConnectionLimits;
  /** How much memory it takes for what it receives. Default: no more than `limits` say. */
  readonly memory?: WsClientMemory;
  /** Logs what the transport warns of. Default: nobody does. */
  readonly warn?: (text: string) => void;
}

/** Is told what a connection receives. */
export interface WsClientListener {
  /**
   * Whether a message is being handled that may be done within some turns: others are held back for
   * as long. Default: never.
   */
  isBusy?(): boolean;
  /** What is being handled takes longer: it is not to count as busy any more. */
  countAsSlow?(): void;
  /**
   * One frame has been received.
   *
   * @param decoded What it turned out to be.
   * @param size Its length, in characters, or bytes if it is binary.
   * @param receivedAt When it was received, in ms since the epoch.
   */
  frame(decoded: DecodedMessage | OversizedFrame, size: number, receivedAt: number): void;
}

/** There is no open connection to send on. */
export class NotConnectedError extends AcsError {
  /** Always `"NotConnectedError"`. */
  override readonly name = "NotConnectedError";
}

/** What a character of a text takes at most, in bytes. */
const TEXT_BYTES = 2;

/** What a character of a frame takes at most while it is parsed: as text, and parsed. */
const MAX_PARSING_BYTES = TEXT_BYTES + MAX_BYTES_PER_CHARACTER;

const UNBOUNDED: WsClientMemory = { waitingBytes: Infinity, parsingBytes: Infinity };

/** What is wrong with a transport that breaks its contract. */
const NOT_A_FRAME = "the transport delivered a frame that is neither text nor bytes";
const NOT_AN_END = "the transport reported an end that is neither a close, an eof nor an error";

function isFrame(data: unknown): data is string | Uint8Array {
  return typeof data === "string" || isInstance(data, Uint8Array);
}

/** One connection; not reusable. */
export class WsClient {
  readonly #options: WsClientOptions;
  readonly #memory: WsClientMemory;
  /** Secrets of the upgrade request, to be redacted wherever the peer quotes them. */
  readonly #secrets: Set<string> = new Set();
  #connection: TransportConnection | undefined;
  #writeWatch: WriteWatch | undefined;
  #finish: ((end: ConnectionEnd) => void) | undefined;

  /**
   * Prepares a connection; {@linkcode WsClient.connect} opens it.
   *
   * @param options What the connection needs.
   */
  constructor(options: WsClientOptions) {
    this.#options = options;
    this.#memory = options.memory ?? UNBOUNDED;
  }

  /** The host that it connects to. */
  get host(): string {
    return new URL(this.#options.url).host;
  }

  /**
   * Opens the connection.
   *
   * @param options `signal` cancels the attempt at once.
   * @throws {ServiceException} If the service refused the upgrade by one of its exceptions.
   * @throws {UpgradeRefusedError} If somebody refused it otherwise.
   * @throws {CredentialsError} If there are no credentials to sign with.
   * @throws {ConnectError} If there is no usable connection, or not in time.
   * @throws The signal's reason, if it aborts first.
   */
  async connect(options: { signal: AbortSignal }): Promise<void> {
    const { transport, url, warn, timing: { connectTimeoutMs, credentialsTimeoutMs } } =
      this.#options;
    const credentials = await this.#options.credentials.get({
      signal: options.signal,
      timeoutMs: credentialsTimeoutMs,
    });
    let phase: ConnectPhase | undefined;
    const limit = timeLimit(
      connectTimeoutMs,
      () =>
        new ConnectError(describeUnfinished(phase, this.host, connectTimeoutMs), {
          code: "ETIMEDOUT",
        }),
      options.signal,
    );
    // Async, so that a transport that throws instead of rejecting is met in the same way.
    const open = async () =>
      await transport.connect({
        url,
        // Also a second time, to ask why these keys were refused.
        headers: () => this.#sign(credentials),
        signal: limit.signal,
        progress: (begun) => {
          phase = begun;
        },
        ...(warn && { warn: (text: string) => warn(this.redact(text)) }),
      });
    const connecting = open();
    try {
      this.#connection = await abortable(connecting, limit.signal);
    } catch (error) {
      // A transport that does not heed the signal may still come up with a connection.
      connecting.then((late) => closeQuietly(late, "Cancelled"), () => {});
      if (limit.signal.aborted) throw error;
      const secrets = [...this.#secrets];
      const refusal = upgradeRefusalOf(error);
      throw refusal !== undefined
        ? explainRefusal(refusal, secrets, this.#options.clockSkew)
        : this.#connectError(error, secrets);
    } finally {
      limit.clear();
    }
  }

  /**
   * Receives until the connection ends. Leaves by itself when the peer is silent, takes nothing, or
   * the connection has reached its longest life.
   *
   * @param listener Is told each frame.
   * @returns How the connection ended; does not wait for the peer to agree.
   * @throws {NotConnectedError} If it is not connected.
   */
  serve(listener: WsClientListener): Promise<ConnectionEnd> {
    const connection = this.#connection;
    if (connection === undefined) return Promise.reject(this.#notConnected());
    const { random, timing, limits: { maxSendBufferSize } } = this.#options;
    return new Promise((resolve) => {
      const deadlines = new Deadlines();
      const idleTimer = new IdleTimer(
        timing,
        random,
        deadlines,
        () => void this.#leave({ kind: "idle" }, "IdleTimeout: nothing received"),
      );
      const writeWatch = new WriteWatch(connection, deadlines, {
        writeTimeoutMs: timing.writeTimeoutMs,
        maxBufferedBytes: maxSendBufferSize,
        onStalled: () => void this.#leave({ kind: "write-stalled" }, "WriteTimeout: nothing taken"),
        onOverflow: () =>
          void this.#leave({ kind: "write-overflow" }, "WriteOverflow: too little taken"),
        onFailed: (error) => this.#fail(error),
      });
      const lifetime = deadlines.add(() =>
        void this.#leave({ kind: "expired" }, CONNECTION_EXPIRED)
      );
      deadlines.set(
        lifetime,
        addJitter(timing.connectionLifetimeMs, timing.connectionLifetimeJitterMs, random),
      );
      let receivedAt = 0;
      const gate = new FrameGate({
        maxWaitingBytes: this.#memory.waitingBytes,
        isBusy: () => listener.isBusy?.() ?? false,
        countAsSlow: () => listener.countAsSlow?.(),
        admit: (data) => {
          // A listener may leave while frames are let in.
          if (this.#connection !== connection) return 0;
          const decoded = this.#decode(data);
          listener.frame(decoded, data.length, receivedAt);
          return decoded.kind === "oversized" ? 0 : data.length;
        },
      });
      this.#writeWatch = writeWatch;
      const { listener: attached, detach } = detachable({
        message: (data) => {
          // A transport of the user's may go on after an end; the timer must not start again then.
          if (this.#connection !== connection) return;
          if (!isFrame(data)) return this.#fail(new ConnectError(`${this.host}: ${NOT_A_FRAME}`));
          receivedAt = Date.now();
          idleTimer.reset();
          gate.take(data);
        },
        activity: (activity) => {
          if (this.#connection !== connection) return;
          // A transport calls this from a timer, where nobody would catch what is thrown.
          try {
            if (activity.hasReceived) idleTimer.reset();
            if (activity.isWriting) writeWatch.checkOverflow();
          } catch (error) {
            this.#fail(error);
          }
        },
        end: (end) => {
          // What waits came before the end.
          gate.whenEmpty(() => this.#finish?.(this.#redactEnd(end)));
        },
      });
      this.#finish = (end) => {
        this.#connection = undefined;
        this.#writeWatch = undefined;
        this.#finish = undefined;
        detach();
        deadlines.clear();
        gate.clear();
        resolve(end);
      };
      try {
        connection.listen(attached);
      } catch (error) {
        this.#finish({ kind: "error", error: this.#redactError(error) });
      }
    });
  }

  #decode(data: string | Uint8Array): DecodedMessage | OversizedFrame {
    const { length } = data;
    if (length > this.#options.limits.maxFrameSize) return { kind: "oversized" };
    const { parsingBytes } = this.#memory;
    // Most frames are small enough whatever is in them.
    if (length * MAX_PARSING_BYTES <= parsingBytes) return decodeMessage(data);
    const text = frameText(data);
    const bytes = text.length * TEXT_BYTES + parsedBytes(text);
    return bytes > parsingBytes ? { kind: "oversized", bytes } : decodeMessage(text);
  }

  /**
   * Sends one message.
   *
   * @param type The message's type.
   * @param message The message.
   * @throws {NotConnectedError} If the connection has ended or is not being served.
   */
  makeRequest<T extends SentMessageType>(type: T, message: SentMessages[T]): void {
    if (this.#writeWatch === undefined) throw this.#notConnected();
    this.#writeWatch.send(encodeMessage(type, message));
  }

  /**
   * Leaves with a close frame of code 1000. The connection counts as ended from this call on.
   *
   * @param reason Why; goes into the close frame, at most 123 bytes.
   * @param end How the connection counts as ended. Default: left for that reason.
   * @returns Settles when the peer has answered; see {@linkcode TransportConnection.close}.
   */
  close(reason: string, end: ConnectionEnd = { kind: "left", reason }): Promise<void> {
    return this.#leave(end, reason);
  }

  /** The transport did what it must not. */
  #fail(error: unknown): void {
    void this.#leave({ kind: "error", error: this.#redactError(error) }, "TransportError");
  }

  #leave(end: ConnectionEnd, reason: string): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#finish?.(end);
    return closeQuietly(connection, reason);
  }

  /**
   * Redacts the secrets of the upgrade request in a text sent by the peer.
   *
   * @param text The text.
   */
  redact(text: string): string {
    return redact(text, [...this.#secrets]);
  }

  #redactEnd(end: TransportEnd): TransportEnd {
    const kind = safeGet(end, "kind");
    if (kind === "eof" || kind === "write-overflow") return { kind };
    if (kind === "error") return { kind, error: this.#redactError(safeGet(end, "error")) };
    const code = safeGet(end, "code");
    if (kind === "close" && typeof code === "number") {
      return { kind, code, reason: this.redact(safeText(end, "reason") ?? "") };
    }
    // A transport of the user's, which need not be written in TypeScript.
    return { kind: "error", error: new ConnectError(`${this.host}: ${NOT_AN_END}`) };
  }

  #connectError(error: unknown, secrets: readonly string[]): unknown {
    const safe = redactError(error, secrets);
    return permissionError(`Cannot connect to ${this.host}`, error, safe) ?? safe;
  }

  #redactError(error: unknown): Error {
    return toError(redactError(error, [...this.#secrets]));
  }

  async #sign(credentials: AwsCredentialIdentity): Promise<Record<string, string>> {
    const { url, region, clockSkew } = this.#options;
    const headers = await signRequest({ url, region, credentials, timeMs: clockSkew.now() });
    const { authorization } = headers;
    const { secretAccessKey, sessionToken } = credentials;
    for (const secret of [secretAccessKey, sessionToken, authorization, signatureOf(headers)]) {
      if (secret) this.#secrets.add(secret);
    }
    return headers;
  }

  #notConnected(): NotConnectedError {
    return new NotConnectedError(`There is no open connection to ${this.host}`);
  }
}

/** Leaving must not fail: whatever a transport has to say about it comes too late. */
async function closeQuietly(
  connection: TransportConnection | undefined,
  reason: string,
): Promise<void> {
  try {
    await connection?.close(1000, reason);
  } catch {
    // The connection counts as ended, and nobody can do more about it.
  }
}
