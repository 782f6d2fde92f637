/**
 * A local stand-in for the ECS API's `DiscoverPollEndpoint` and for the Agent Communication Service,
 * for tests of agents in any language and for trying things out without an AWS account.
 *
 * @module
 */

export type * from "../wsclient/messages.ts";
export * from "./acs_emulator.ts";
export type { AgentMessage, AgentMessageOf, AgentMessageRecord } from "./acs/agent_message.ts";
export type { EmulatorConnection } from "./acs/emulator_connection.ts";
export type { EmulatorOptions, TlsOptions } from "./emulator_options.ts";
export * from "./errors.ts";
export type {
  DiscoveredDetail,
  EmulatorEventListener,
  EmulatorEvents,
  EmulatorEventTarget,
  EmulatorEventType,
  ListenOptions,
  ProblemDetail,
  RefusedDetail,
  SentDetail,
  WaitOptions,
} from "./events.ts";
export type { CountOptions, RefuseOptions, RefuseUpgradeOptions } from "./faults/fault_options.ts";
export type { MessageSender } from "./acs/message_sender.ts";
export type { OutgoingFrame, OutgoingMessage, PostedMessage } from "./acs/outbox.ts";
export type { SendOptions } from "./acs/outgoing_message.ts";
export * from "./samples/sample_traffic.ts";
export * from "./samples/samples.ts";
export {
  type EmulatorCredentials,
  EXAMPLE_CREDENTIALS,
  MAX_CLOCK_DIFFERENCE_MS,
} from "./http/sigv4.ts";
export type { UpgradeQuery } from "./http/upgrade_query.ts";
