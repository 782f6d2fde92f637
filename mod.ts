/**
 * The session of an Amazon ECS container agent with the Agent Communication Service (ACS): the
 * long-lived, signed WebSocket through which a container instance receives its work.
 *
 * @example
 * ```ts no-run
 * import { Session } from "@acs/session";
 *
 * const session = new Session({
 *   region: "us-west-2",
 *   containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
 *   agentVersion: "1.0.0",
 *   payloadMessageHandler: { processMessage: (_message, ack) => ack() },
 * });
 * await session.start();
 * ```
 *
 * @module
 */

export * from "./session/session.ts";
export * from "./session/options.ts";
export * from "./session/timing.ts";
export * from "./session/state.ts";
export * from "./session/events.ts";
export * from "./session/exponential_backoff.ts";
