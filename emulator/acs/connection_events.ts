/**
 * The events of a connection, as the hub emits them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { StateWriteError } from "../errors.ts";
import type { EmulatorEvents, EmulatorEventType } from "../events.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import type { Queued } from "./queued_message.ts";

/** Emits an event; `frame` is the frame of a `sent` event. */
export type Emit = <T extends EmulatorEventType>(
  type: T,
  detail: EmulatorEvents[T],
  frame?: string | Uint8Array,
) => void;

/** Emits the events of connections. */
export class ConnectionEvents {
  readonly #emit: Emit;

  /**
   * @param emit Emits an event.
   */
  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Emits that a frame was sent. */
  sent(
    { id: connectionId, containerInstanceArn }: EmulatorConnection,
    { type, messageId }: Pick<Queued, "type" | "messageId">,
    data: string | Uint8Array,
    resent: boolean,
  ): void {
    const bytes = Buffer.byteLength(data);
    this.#emit(
      "sent",
      { connectionId, containerInstanceArn, type, messageId, bytes, resent },
      data,
    );
  }

  /** Emits a violation of the protocol by the agent. */
  problem({ id, containerInstanceArn }: EmulatorConnection, problem: string): void {
    this.#emit("problem", { connectionId: id, containerInstanceArn, problem });
  }

  /**
   * Runs a function. If the state cannot be saved, that is a `failure`: there is no caller to
   * reject.
   *
   * @param connection The connection that it is about.
   * @param what What the emulator then cannot do, such as "cannot send a heartbeat".
   * @param act The function.
   * @returns Its result; `undefined` if the state cannot be saved.
   */
  unlessUnsaved<T>(
    { id: connectionId, containerInstanceArn }: EmulatorConnection,
    what: string,
    act: () => T,
  ): T | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof StateWriteError)) throw error;
      const reason = `The emulator ${what}. ${error.message}`;
      this.#emit("failure", { connectionId, containerInstanceArn, reason });
      return undefined;
    }
  }
}
