/**
 * One connection of a session: opens it, passes its messages to the dispatcher, sends answers.
 *
 * @module
 */

import { oneLine } from "../internal/one_line.ts";
import { stopwatch } from "../internal/stopwatch.ts";
import type { ReceivedMessage } from "../protocol/decode.ts";
import type { SentMessages, SentMessageType } from "../protocol/messages.ts";
import { isRefusal } from "../protocol/answers.ts";
import { acsUrl } from "../wsclient/acs_url.ts";
import { WsClient, type WsClientOptions } from "../wsclient/client.ts";
import type { ConnectionEnd } from "../wsclient/connection_end.ts";
import type { Frame } from "../wsclient/transport.ts";
import type { UsableConnection } from "./current_connection.ts";
import { decodeFrame } from "./dispatch/decode_frame.ts";
import { FrameGate } from "./dispatch/frame_gate.ts";
import { messageIdOf } from "./dispatch/message_job.ts";
import { learnFromRefusal } from "./learn_from_refusal.ts";
import { shareOf } from "./limits.ts";
import { type AttemptOutcome, isCleanEnd } from "./reconnect_policy.ts";
import { serverAttributes } from "./reporting/telemetry.ts";
import { outsideSpans, traced } from "./reporting/traces.ts";
import type { SessionConnectionEnd } from "./session_connection_end.ts";
import type { SessionContext } from "./session_context.ts";

/** After these ends the frames that are still waiting are dropped: the service resends them. */
const OWN_ENDS: ReadonlySet<ConnectionEnd["kind"]> = new Set([
  "idle",
  "write-stalled",
  "expired",
  "closed",
]);

/** How to open a connection of a session. */
export interface ConnectOptions {
  /** The endpoint of ACS, as returned by DiscoverPollEndpoint. */
  readonly endpoint: string;
  /** Whether the service is to send the credentials of all tasks. */
  readonly sendCredentials: boolean;
  /** Cancels the attempt. */
  readonly signal: AbortSignal;
}

/** One open connection; not reusable. */
export class SessionConnection implements UsableConnection {
  readonly #context: SessionContext;
  readonly #client: WsClient;
  readonly #connectMs: number;
  readonly #gate: FrameGate;
  #receivedMessage = false;
  #ownEnd: SessionConnectionEnd | undefined;

  private constructor(context: SessionContext, client: WsClient, connectMs: number) {
    this.#context = context;
    this.#client = client;
    this.#connectMs = connectMs;
    const { dispatcher, options: { limits } } = context;
    this.#gate = new FrameGate({
      maxWaitingBytes: shareOf("frames", limits),
      handlers: dispatcher,
      release: (frame, receivedAt) => this.#receive(frame, receivedAt),
    });
  }

  /**
   * Opens a connection, and reports how that went.
   *
   * @throws What `WsClient.connect` throws.
   */
  static async connect(
    context: SessionContext,
    { endpoint, sendCredentials, signal }: ConnectOptions,
  ): Promise<SessionConnection> {
    const { options, status, reporter } = context;
    const url = acsUrl(endpoint, { ...options, sendCredentials });
    const { host } = new URL(url);
    const tookMs = stopwatch();
    status.connecting(host);
    reporter.connecting(host, sendCredentials);
    try {
      const connect = () => WsClient.connect(clientOptions(context, url), signal);
      const client = await traced("acs.connect", serverAttributes(host), connect);
      const connectMs = tookMs();
      reporter.connectAttempted(connectMs, host);
      return new SessionConnection(context, client, connectMs);
    } catch (error) {
      if (!signal.aborted) reporter.connectAttempted(tookMs(), host, error);
      learnFromRefusal(error, context);
      throw error;
    }
  }

  /**
   * Handles messages until the connection ends, and reports how it ended.
   *
   * @param onFrame Called after each frame, with when it was received, in ms of `performance.now()`.
   */
  async serve(onFrame: (receivedAt: number) => void): Promise<AttemptOutcome> {
    const { dispatcher, status, answers, reporter } = this.#context;
    dispatcher.connected();
    answers.connected();
    status.connected(this.#client.host, this.#connectMs);
    const lived = stopwatch();
    const ended = await this.#client.serve((frame, receivedAt) =>
      outsideSpans(() => {
        this.#gate.push(frame, receivedAt);
        onFrame(receivedAt);
      })
    );
    if (!OWN_ENDS.has(ended.kind)) await this.#gate.drained();
    this.#gate.clear();
    const end = ended.kind === "closed" ? this.#ownEnd ?? ended : ended;
    const livedMs = lived();
    status.disconnected(isCleanEnd(end));
    reporter.disconnected(end, isCleanEnd(end) || dispatcher.isStopping, livedMs);
    if (end.kind === "suspended") return { kind: "suspended" };
    const lostAnswers = answers.lost !== undefined;
    return { kind: "ended", end, livedMs, receivedMessage: this.#receivedMessage, lostAnswers };
  }

  /** See {@linkcode UsableConnection.send}. */
  send<T extends SentMessageType>(
    type: T,
    message: SentMessages[T],
    messageId: string | undefined,
  ): void {
    this.#client.send(type, message);
    if (messageId === undefined || type === "HeartbeatAckRequest") return;
    this.#context.answers.answered(messageId);
  }

  /** See {@linkcode UsableConnection.leave}. */
  leave(reason: string, end?: SessionConnectionEnd): Promise<void> {
    this.#ownEnd ??= end;
    this.#gate.clear();
    return this.#client.close(reason);
  }

  /** @returns How many characters were parsed. */
  #receive(frame: Frame, receivedAt: number): number {
    const { options, status, reporter } = this.#context;
    const size = frame.length;
    status.frameReceived(receivedAt);
    const decoded = decodeFrame(frame, options.limits);
    switch (decoded.kind) {
      case "message":
        this.#receiveMessage(decoded, size, receivedAt);
        return size;
      case "unknown": {
        const { type } = decoded;
        const description = `there is no message of type ${type} in this version of the protocol`;
        reporter.dropped({ reason: "unknown", description, type }, size);
        return size;
      }
      case "oversized":
        reporter.dropped({ reason: "oversized", description: decoded.reason }, size);
        return 0;
      case "undecodable":
        reporter.dropped({ reason: "undecodable", description: decoded.reason }, size);
        return size;
    }
  }

  #receiveMessage(received: ReceivedMessage, size: number, receivedAt: number): void {
    const { responders, dispatcher, status, answers, reporter } = this.#context;
    const { type, message } = received;
    const messageId = messageIdOf(message);
    if (!isRefusal(type)) {
      this.#receivedMessage = true;
      status.messageReceived(receivedAt);
    }
    if (messageId !== undefined && responders.redeliveryOf(type) === "copy") {
      const lost = answers.received(type, messageId);
      if (lost !== undefined) reporter.answersLost(lost);
    }
    reporter.received(type, messageId, size);
    if (responders.has(type)) return dispatcher.dispatch(received, size, receivedAt);
    const description = this.#describeUnhandled(received);
    reporter.dropped({ reason: "unhandled", description, type, messageId }, size);
  }

  /** The service's own words, if the message contains nothing else. */
  #describeUnhandled({ type, message }: ReceivedMessage): string {
    if (!isRefusal(type) || !("message" in message) || typeof message.message !== "string") {
      return `there is no handler for ${type}`;
    }
    return oneLine(this.#client.redact(message.message));
  }
}

function clientOptions(
  { options, credentials, clockSkew, reporter }: SessionContext,
  url: string,
): WsClientOptions {
  const { transport, region, random, timing, limits } = options;
  const warn = (text: string) => reporter.transportWarned(text);
  return { transport, url, region, credentials, clockSkew, random, timing, limits, warn };
}
