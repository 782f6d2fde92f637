/**
 * One connection of a session: opens it, hands what it brings to the dispatcher, and sends answers.
 *
 * @module
 */

import { stopwatch } from "../internal/stopwatch.ts";
import type { DecodedMessage } from "../protocol/decode.ts";
import type { SentMessages, SentMessageType } from "../protocol/messages.ts";
import { acsUrl } from "../wsclient/acs_url.ts";
import { type ConnectionEnd, type OversizedFrame, WsClient } from "../wsclient/client.ts";
import { SERVICE_EXCEPTION_NAMES } from "../wsclient/service_exception.ts";
import type { AnswerWatch } from "./answer_watch.ts";
import type { MessageDispatcher } from "./dispatch/message_dispatcher.ts";
import { HANDLED_ONE_BY_ONE, messageIdOf } from "./dispatch/message_job.ts";
import { learnFromRefusal, type SigningContext } from "./learn_from_refusal.ts";
import { type SessionLimits, shareOf } from "./limits.ts";
import type { ResolvedSessionOptions } from "./options.ts";
import { type AttemptOutcome, isCleanEnd } from "./reconnect_policy.ts";
import { traced } from "./reporting/traces.ts";
import type { SessionStatus } from "./session_status.ts";

/** Messages that refuse or say goodbye: a peer that sends nothing else does not serve the session. */
const REFUSALS: ReadonlySet<string> = new Set([
  "CloseMessage",
  "ErrorMessage",
  ...SERVICE_EXCEPTION_NAMES,
]);

/** What all connections of one session share. */
export interface SessionContext extends SigningContext {
  /** The session's options. */
  readonly options: ResolvedSessionOptions;
  /** Takes messages. */
  readonly dispatcher: MessageDispatcher;
  /** What the session is doing. */
  readonly status: SessionStatus;
  /** Whether answers arrive. */
  readonly answers: AnswerWatch;
}

/** One connection; not reusable. */
export class SessionConnection {
  readonly #context: SessionContext;
  readonly #client: WsClient;
  readonly #sendCredentials: boolean;
  #connectMs = 0;
  #receivedMessage = false;

  /**
   * Prepares it.
   *
   * @param context What all connections share.
   * @param endpoint Where ACS is, as ECS has answered.
   * @param sendCredentials Whether to ask the service for all credentials.
   */
  constructor(context: SessionContext, endpoint: string, sendCredentials: boolean) {
    this.#context = context;
    this.#sendCredentials = sendCredentials;
    const { options, credentials, clockSkew, reporter } = context;
    const { transport, region, random, timing, limits } = options;
    this.#client = new WsClient({
      transport,
      url: acsUrl(endpoint, { ...options, sendCredentials }),
      region,
      credentials,
      clockSkew,
      random,
      timing,
      limits,
      memory: { waitingBytes: shareOf("frames", limits), parsingBytes: shareOf("parsing", limits) },
      warn: (text) => reporter.transportWarned(text),
    });
  }

  /**
   * Opens it.
   *
   * @param signal Ends the attempt.
   * @throws What `WsClient.connect` throws.
   */
  async connect(signal: AbortSignal): Promise<void> {
    const { status, reporter } = this.#context;
    const { host } = this.#client;
    const tookMs = stopwatch();
    status.connecting(host);
    reporter.connecting(host, this.#sendCredentials);
    try {
      const connect = () => this.#client.connect({ signal });
      await traced("acs.connect", { "server.address": host }, connect);
      this.#connectMs = tookMs();
      reporter.connectTook(this.#connectMs, "success");
    } catch (error) {
      if (!signal.aborted) reporter.connectTook(tookMs(), "failure");
      learnFromRefusal(error, this.#context);
      throw error;
    }
  }

  /** Receives until the connection ends, and reports that. */
  async serve(): Promise<AttemptOutcome> {
    const { dispatcher, status, answers, reporter } = this.#context;
    dispatcher.connected();
    answers.connected();
    status.connected(this.#client.host, this.#connectMs);
    const lived = stopwatch();
    const end = await this.#client.serve({
      isBusy: () => dispatcher.isBusy,
      countAsSlow: () => dispatcher.countAsSlow(),
      frame: (decoded, size, receivedAt) => this.#receive(decoded, size, receivedAt),
    });
    const livedMs = lived();
    status.disconnected(isCleanEnd(end));
    reporter.disconnected(end, isCleanEnd(end) || dispatcher.isStopping, livedMs);
    if (end.kind === "suspended") return { kind: "suspended" };
    return {
      kind: "ended",
      end,
      livedMs,
      receivedMessage: this.#receivedMessage,
      lostAnswers: answers.lost !== undefined,
    };
  }

  /**
   * Sends a message.
   *
   * @throws {NotConnectedError} If it is not connected any more.
   */
  send<T extends SentMessageType>(
    type: T,
    message: SentMessages[T],
    messageId: string | undefined,
  ): void {
    this.#client.makeRequest(type, message);
    if (messageId === undefined || type === "HeartbeatAckRequest") return;
    this.#context.answers.answered(messageId);
  }

  /** Leaves at once, see `WsClient.close`. */
  leave(reason: string, end?: ConnectionEnd): Promise<void> {
    return this.#client.close(reason, end);
  }

  /** Redacts the secrets of the upgrade request in a text sent by the peer. */
  redact(text: string): string {
    return this.#client.redact(text);
  }

  #receive(decoded: DecodedMessage | OversizedFrame, size: number, receivedAt: number): void {
    const { options, dispatcher, status, reporter } = this.#context;
    status.frameReceived(receivedAt);
    switch (decoded.kind) {
      case "message": {
        const messageId = messageIdOf(decoded.message);
        if (!REFUSALS.has(decoded.type)) {
          this.#receivedMessage = true;
          status.messageReceived(receivedAt);
        }
        if (messageId !== undefined && !HANDLED_ONE_BY_ONE.has(decoded.type)) {
          const lost = this.#context.answers.received(decoded.type, messageId);
          if (lost !== undefined) reporter.answersLost(lost);
        }
        reporter.received(decoded.type, messageId, size);
        return dispatcher.dispatch(decoded, size, receivedAt);
      }
      case "unknown": {
        const description = `no message of type ${decoded.type} is known`;
        return reporter.dropped({ reason: "unknown", description, type: decoded.type }, size);
      }
      case "oversized": {
        const description = describeOversized(decoded, size, options.limits);
        return reporter.dropped({ reason: "oversized", description }, size);
      }
      case "undecodable":
        return reporter.dropped({ reason: "undecodable", description: decoded.reason }, size);
    }
  }
}

function describeOversized(
  { bytes }: OversizedFrame,
  size: number,
  { maxFrameSize, maxHeldBytes }: SessionLimits,
): string {
  const what = bytes === undefined
    ? `a frame of ${size} is larger than the option limits.maxFrameSize, ${maxFrameSize}`
    : `a frame of ${size} takes up to ${bytes} bytes of memory while it is parsed, more than it may of ` +
      `the option limits.maxHeldBytes, ${maxHeldBytes}`;
  return `${what}: raise it if the service is to send such frames`;
}
