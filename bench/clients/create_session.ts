/**
 * The session under test, with all defaults and a handler that acknowledges.
 *
 * @module
 */

import { Session } from "@acs/session";
import type { ClientArguments } from "./client_process.ts";

/** The arguments of a client process that concern the session. */
export type SessionArguments = Pick<ClientArguments, "url" | "handlerMs" | "limits">;

/** Creates a session that has not been started. */
export function createSession({ url, handlerMs, limits = {} }: SessionArguments): Session {
  return new Session({
    region: "us-west-2",
    containerInstanceArn:
      "arn:aws:ecs:us-west-2:111122223333:container-instance/default/0123456789abcdef",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    endpoint: url,
    agentVersion: "1.0.0",
    limits,
    payloadMessageHandler: {
      processMessage(_message, ack) {
        if (handlerMs === undefined) return void ack();
        return delay(handlerMs).then(() => ack());
      },
    },
  });
}

/** Resolves after `ms`, or without a timer if that is 0. */
async function delay(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
