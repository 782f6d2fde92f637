/**
 * Waiting for something that an agent does.
 *
 * @module
 */

import { MAX_TIMER_MS } from "../internal/number_option.ts";
import type { SentMessageType } from "../protocol/messages.ts";
import { type AgentMessage, type AgentMessageOf, isOfType } from "./acs/agent_message.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import type { EmulatorService } from "./emulator_service.ts";
import { AckTimeoutError, EventTimeoutError, MessageNackedError } from "./errors.ts";
import type { EmulatorEvents, EmulatorEventType } from "./events.ts";

/** How long to wait. */
export interface WithinOptions {
  /**
   * How long, in ms.
   *
   * @default without end
   */
  readonly within?: number | undefined;
  /** Ends the wait; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a wait for an event. */
export interface WaitOptions<T> extends WithinOptions {
  /** Which one; by default any. */
  readonly where?: ((detail: T) => boolean) | undefined;
}

/** Waiting for an event, with the caller's own error for a timeout. */
interface EventWait<T> extends WaitOptions<T> {
  /** Creates that error; by default an {@linkcode EventTimeoutError}. */
  readonly onExpired?: ((within: number) => Error) | undefined;
}

/**
 * Waits for the next event of a type. A settled wait leaves neither a timer nor a listener behind.
 * (`AbortSignal.any` would leave something on a long-lived signal for each wait.)
 *
 * @param service The service.
 * @param type The event's name.
 * @param options Which event, and what ends the wait.
 * @returns The event's detail.
 * @throws {EventTimeoutError} If none arrives in time.
 * @throws {EmulatorClosedError} If the emulator is closed first.
 */
export function waitForEvent<T extends EmulatorEventType>(
  { events, closed }: EmulatorService,
  type: T,
  options: EventWait<EmulatorEvents[T]>,
): Promise<EmulatorEvents[T]> {
  const { where = () => true, within, signal } = options;
  const { onExpired = (ms: number) => new EventTimeoutError(type, ms) } = options;
  const signals = signal === undefined ? [closed] : [closed, signal];
  return new Promise((resolve, reject) => {
    const aborted = signals.find((each) => each.aborted);
    if (aborted !== undefined) return reject(aborted.reason);
    // A wait that is longer than a timer has no time limit.
    const timer = within === undefined || within > MAX_TIMER_MS ? undefined : setTimeout(() => {
      end();
      reject(onExpired(within));
    }, within);
    const onAbort = () => {
      end();
      reject(signals.find((each) => each.aborted)?.reason);
    };
    const onEvent = ({ detail }: CustomEvent<EmulatorEvents[T]>) => {
      try {
        if (!where(detail)) return;
      } catch (error) {
        end();
        return reject(error);
      }
      end();
      resolve(detail);
    };
    const end = () => {
      clearTimeout(timer);
      events.removeEventListener(type, onEvent);
      for (const each of signals) each.removeEventListener("abort", onAbort);
    };
    events.addEventListener(type, onEvent);
    for (const each of signals) each.addEventListener("abort", onAbort);
  });
}

/**
 * Waits for an agent to be connected.
 *
 * @param service The service.
 * @param options What ends the wait.
 * @returns The newest open connection; immediately if there is one.
 */
export async function waitForConnection(
  service: EmulatorService,
  options: WithinOptions,
): Promise<EmulatorConnection> {
  return service.hub.find(undefined) ?? await waitForEvent(service, "connected", options);
}

/**
 * Waits for an agent's message.
 *
 * @param service The service.
 * @param type The message's type.
 * @param options Which message, and what ends the wait.
 * @returns The first such message, even if it arrived before the call.
 */
export function waitForMessage<T extends SentMessageType>(
  service: EmulatorService,
  type: T,
  options: WaitOptions<AgentMessageOf<T>>,
): Promise<AgentMessageOf<T>> {
  const { where = () => true } = options;
  const isWanted = (message: AgentMessage): message is AgentMessageOf<T> =>
    isOfType(message, type) && where(message);
  return firstReceived(service, isWanted, options);
}

/**
 * Waits for the answer that acknowledges a message.
 *
 * @param service The service.
 * @param messageId The message's id.
 * @param options What ends the wait.
 * @returns The acknowledgement, even if it arrived before the call.
 * @throws {AckTimeoutError} If none arrives in time.
 * @throws {MessageNackedError} If the agent refuses the message with a NackRequest.
 */
export async function expectAck(
  service: EmulatorService,
  messageId: string,
  options: WithinOptions,
): Promise<AgentMessage> {
  const isWanted = (message: AgentMessage): message is AgentMessage =>
    message.answers && message.messageId === messageId;
  const onExpired = (within: number) => new AckTimeoutError(messageId, within);
  const answer = await firstReceived(service, isWanted, options, onExpired);
  if (answer.type !== "NackRequest") return answer;
  throw new MessageNackedError(messageId, answer.message.reason ?? "");
}

async function firstReceived<T extends AgentMessage>(
  service: EmulatorService,
  where: (message: AgentMessage) => message is T,
  { within, signal }: WithinOptions,
  onExpired?: (within: number) => Error,
): Promise<T> {
  for (;;) {
    const found = service.hub.received.find(where);
    if (found !== undefined) return found;
    await waitForEvent(service, "received", { where, within, signal, onExpired });
  }
}
