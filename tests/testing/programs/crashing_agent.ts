/**
 * An agent that crashes as soon as it receives a payload, in the way that its second argument says;
 * the first is the URL of the ECS API.
 *
 * @module
 */

import process from "node:process";
import { Session } from "../../../mod.ts";
import { INSTANCE_KEYS } from "../hostile/planted_secrets.ts";
import { CONTAINER_INSTANCE_ARN } from "../fakes/session_stage.ts";

const [, , endpoint = "", how] = process.argv;

/** Ends the process with an uncaught error. */
function crash(error: unknown): void {
  if (how === "rejection") void Promise.reject(error);
  else {setTimeout(() => {
      throw error;
    });}
}

const session = new Session({
  region: "us-west-2",
  containerInstanceArn: CONTAINER_INSTANCE_ARN,
  credentials: INSTANCE_KEYS,
  endpoint,
  agentVersion: "1.0.0",
  payloadMessageHandler: {
    processMessage(message) {
      // What the session itself has made of a failure, and the error that contains the message.
      const agent = { session, tasks: message.tasks?.length };
      crash(Object.assign(new Error("the agent is broken", { cause: session }), { agent }));
    },
  },
});
session.addEventListener("connectfailed", ({ detail }) => crash(detail.error));
await session.start();
