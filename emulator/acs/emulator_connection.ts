/**
 * The public view of one agent's connection.
 *
 * @module
 */

import type { UpgradeQuery } from "../http/upgrade_query.ts";

/** How the service ended a connection: with a close frame, with FIN, or with RST. */
export type ServiceEnd = "close" | "end" | "reset";

/** One connection of one agent, from the upgrade to its end. */
export interface EmulatorConnection {
  /** Counts the connections of an emulator, from 1. */
  readonly id: number;
  /** The agent's description of itself in the upgrade. */
  readonly query: UpgradeQuery;
  /** The cluster's ARN, even if the agent gave its name. */
  readonly clusterArn: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** When the upgrade was answered, in ms since the epoch, by the emulator's clock. */
  readonly connectedAt: number;
  /** Whether messages can be sent: neither side has begun to end it, and no fault blocks it. */
  readonly open: boolean;
  /** When it ended, in ms since the epoch; `undefined` until then. */
  readonly disconnectedAt: number | undefined;
  /**
   * The code of the agent's close frame: 1005 when the frame had none, 1006 when there was no
   * frame;
   * `undefined` until the end.
   */
  readonly closeCode: number | undefined;
  /** The reason in the agent's close frame; empty when it had none. */
  readonly closeReason: string;
  /** How the emulator began to end the connection; `undefined` if the agent ended it. */
  readonly ownEnd: ServiceEnd | undefined;
  /**
   * The code of the emulator's close frame; `null` if the frame had none, `undefined` if there was no
   * frame.
   */
  readonly ownCloseCode: number | null | undefined;
  /** Why the emulator closed the connection; empty if it did not. */
  readonly ownCloseReason: string;
  /** Sends one frame: text as a text frame, bytes as a binary one. */
  send(data: string | Uint8Array): void;
  /**
   * Sends a close frame and waits for the agent's; after 30 s the connection is destroyed.
   *
   * @param code Any code from 0 to 65,535, even one that must not be sent; `null` for a frame
   * without code and reason.
   * @param reason At most 123 bytes of UTF-8.
   * @throws {RangeError} If one of them is out of range.
   */
  close(code: number | null, reason: string): void;
  /**
   * Ends the TCP stream (FIN) without a close frame. The agent's frames are still read until it
   * ends its side, for at most 30 s.
   */
  end(): void;
  /** Resets the TCP stream. */
  reset(): void;
  /**
   * Stops reading and writing and leaves the socket open, as if the path were dead or the service
   * hung.
   */
  stall(): void;
}
