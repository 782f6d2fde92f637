/**
 * Runs a session until it waits for its second attempt, and prints to standard output what failed
 * and how long it waits. The argument is the URL of the ECS API. Proxies are configured per
 * process, so this is a separate one.
 *
 * @module
 */

import process from "node:process";
import { Session } from "../../../session/session.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS } from "../../testing/fakes/session_stage.ts";

const session = new Session({
  region: "us-west-2",
  containerInstanceArn: CONTAINER_INSTANCE_ARN,
  credentials: CREDENTIALS,
  endpoint: process.argv[2] ?? "",
  agentVersion: "1.0.0",
  random: () => 0,
});
session.addEventListener("connectfailed", ({ detail: { stage, error } }) => {
  session.addEventListener("waiting", ({ detail: next }) => {
    const { name, message } = error;
    process.stdout.write(`${JSON.stringify({ stage, name, message, next })}\n`);
    void session.stop();
  }, { once: true });
}, { once: true });
await session.start();
