/**
 * What a test sees of one agent's connection.
 *
 * @module
 */

import type { UpgradeQuery } from "../http/upgrade_query.ts";

/** One connection of one agent, from the upgrade to its end. */
export interface EmulatorConnection {
  /** Counts the connections of an emulator, from 1. */
  readonly id: number;
  /** What the agent said about itself in the upgrade. */
  readonly query: UpgradeQuery;
  /** The cluster's ARN, also when the agent named the cluster by name. */
  readonly clusterArn: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** When the upgrade was answered, in ms since the epoch, by the emulator's clock. */
  readonly connectedAt: number;
  /** Whether messages can be sent: neither side has begun to end it, and no fault keeps it silent. */
  readonly open: boolean;
  /** When it ended, in ms since the epoch; `undefined` until then. */
  readonly disconnectedAt: number | undefined;
  /**
   * The code of the agent's close frame: 1005 when the frame had none, 1006 when there was no frame;
   * `undefined` until the end.
   */
  readonly closeCode: number | undefined;
  /** The reason in the agent's close frame; empty when it had none. */
  readonly closeReason: string;
  /** Sends one frame: text as a text frame, bytes as a binary one. */
  send(data: string | Uint8Array): void;
  /**
   * Sends a close frame and waits for the agent's; ended by force after 30 s.
   *
   * @param code Any code from 0 to 65,535, also one that must not be sent; `null` for a frame without
   * code and reason.
   * @param reason At most 123 bytes of UTF-8.
   * @throws {RangeError} If one of them is out of range.
   */
  close(code: number | null, reason: string): void;
  /**
   * Ends the TCP stream in order, without a close frame. What the agent still sends is read until it
   * ends its side, for at most 30 s.
   */
  end(): void;
  /** Resets the TCP stream. */
  reset(): void;
  /**
   * Neither reads nor writes any more and leaves the socket open: what an agent sees when the path
   * is dead or the service hangs.
   */
  stall(): void;
}
