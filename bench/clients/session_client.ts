/**
 * The session under test, with all defaults: a handler that acknowledges, a log that is configured for
 * warnings and discards them, and no metrics SDK.
 *
 * @module
 */

import { Session } from "@acs/session";
import { configure } from "@logtape/logtape";
import { type ClientArguments, startClient } from "./client_process.ts";

await configure({
  sinks: { nowhere: () => {} },
  loggers: [
    { category: ["acs", "session"], lowestLevel: "warning", sinks: ["nowhere"] },
    { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["nowhere"] },
  ],
});
startClient(open);

function open({ url, handlerMs, limits = {} }: ClientArguments): Promise<void> {
  const session = new Session({
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
  void session.start();
  return new Promise((resolve) => {
    session.addEventListener("connected", () => resolve(), { once: true });
  });
}

/** Resolves after `ms`, or without a timer if that is 0. */
async function delay(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
