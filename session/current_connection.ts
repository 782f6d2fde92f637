/**
 * The connection that a session is using now.
 *
 * @module
 */

import type { SentMessages, SentMessageType } from "../protocol/messages.ts";
import type { Respond } from "../responders/responder.ts";
import { NotConnectedError } from "../wsclient/client.ts";
import { messageIdOf } from "./dispatch/message_job.ts";
import type { SessionReporter } from "./reporting/session_reporter.ts";
import type { SessionConnectionEnd } from "./session_connection_end.ts";

/** The interface of a session to its current connection. */
export interface UsableConnection {
  /**
   * Sends a message.
   *
   * @throws {NotConnectedError} If the connection has ended.
   */
  send<T extends SentMessageType>(
    type: T,
    message: SentMessages[T],
    messageId: string | undefined,
  ): void;
  /**
   * Closes the connection.
   *
   * @param reason The reason in the close frame.
   * @param end How the connection counts as ended. Default: closed for that reason.
   * @returns Settles when the peer has answered.
   */
  leave(reason: string, end?: SessionConnectionEnd): Promise<void>;
}

/** Holds the current connection of a session, if there is one. */
export class CurrentConnection {
  readonly #reporter: SessionReporter;
  #connection: UsableConnection | undefined;

  /** @param reporter Reports which messages were sent. */
  constructor(reporter: SessionReporter) {
    this.#reporter = reporter;
  }

  /** Replaces the connection. */
  set(connection: UsableConnection | undefined): void {
    this.#connection = connection;
  }

  /** Closes the connection, if there is one; see {@linkcode UsableConnection.leave}. */
  leave(reason: string, end: SessionConnectionEnd): void {
    void this.#connection?.leave(reason, end);
  }

  /** Sends an answer on it, whichever connection the message arrived on. Never throws. */
  readonly respond: Respond = (type, message) => {
    const messageId = messageIdOf(message);
    try {
      if (this.#connection === undefined) throw new NotConnectedError("there is no connection");
      this.#connection.send(type, message, messageId);
    } catch (error) {
      return this.#reporter.notSent(type, messageId, error);
    }
    this.#reporter.sent(type, messageId);
  };
}
