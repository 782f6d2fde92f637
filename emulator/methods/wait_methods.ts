/**
 * The methods of an emulator that wait for something that an agent does.
 *
 * @module
 */

import type { SentMessageType } from "../../protocol/messages.ts";
import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";
import type { AgentMessage, AgentMessageOf } from "../acs/agent_message.ts";
import type { EmulatorConnection } from "../acs/emulator_connection.ts";
import type { EmulatorService } from "../emulator_service.ts";
import type { EmulatorEvents, EmulatorEventType } from "../events.ts";
import {
  expectAck,
  waitForConnection,
  waitForEvent,
  waitForMessage,
  type WaitOptions,
  type WithinOptions,
} from "../waiting.ts";

/**
 * Waits for connections, messages, acknowledgements and events. A misspelled option throws a
 * `RangeError`.
 */
export interface WaitMethods {
  /**
   * Waits for an agent to be connected.
   *
   * @returns The newest open connection; immediately if there is one.
   */
  waitForConnection(options?: WithinOptions): Promise<EmulatorConnection>;

  /**
   * Waits for an agent's message.
   *
   * @param type The message's type.
   * @param options Which one, and the end of the wait.
   * @returns The first such message, even if it arrived before the call.
   * @throws {EventTimeoutError} If none comes in time.
   */
  waitForMessage<T extends SentMessageType>(
    type: T,
    options?: WaitOptions<AgentMessageOf<T>>,
  ): Promise<AgentMessageOf<T>>;

  /**
   * Waits for the acknowledgement of a message, of the type that fits it: AckRequest,
   * IAMRoleCredentialsAckRequest for credentials, HeartbeatAckRequest for a heartbeat. An answer
   * that does not fit the message, for example with another `cluster`, does not count.
   *
   * @param messageId The message's id.
   * @param options How long to wait for it.
   * @returns The acknowledgement, even if it arrived before the call.
   * @throws {AckTimeoutError} If none comes in time.
   * @throws {MessageNackedError} If the agent refuses the message with a NackRequest.
   */
  expectAck(messageId: string, options?: WithinOptions): Promise<AgentMessage>;

  /**
   * Waits for the next event of a type.
   *
   * @param type The event's name.
   * @param options Which one, and the end of the wait.
   * @returns The event's detail.
   * @throws {EventTimeoutError} If none comes in time.
   * @throws {EmulatorClosedError} If the emulator is closed first.
   */
  waitFor<T extends EmulatorEventType>(
    type: T,
    options?: WaitOptions<EmulatorEvents[T]>,
  ): Promise<EmulatorEvents[T]>;
}

/** Creates the methods, which act on a service. */
export function waitMethods(service: EmulatorService): WaitMethods {
  return {
    async waitForConnection(options = {}) {
      checkOptionNames(options, WITHIN_NAMES, "");
      return await waitForConnection(service, options);
    },
    async waitForMessage(type, options = {}) {
      checkOptionNames(options, WAIT_NAMES, "");
      return await waitForMessage(service, type, options);
    },
    async expectAck(messageId, options = {}) {
      checkOptionNames(options, WITHIN_NAMES, "");
      return await expectAck(service, messageId, options);
    },
    async waitFor(type, options = {}) {
      checkOptionNames(options, WAIT_NAMES, "");
      return await waitForEvent(service, type, options);
    },
  };
}

const WITHIN_NAMES: OptionNames<WithinOptions> = { within: true, signal: true };
const WAIT_NAMES: OptionNames<WaitOptions<unknown>> = { ...WITHIN_NAMES, where: true };
