/**
 * Holds a session until it waits for its second attempt, and tells on standard output what failed and
 * how long it waits. Its argument is the URL of the ECS API. Proxies are given to a whole process:
 * hence one of its own.
 *
 * @module
 */

import process from "node:process";
import { Session } from "../../../session/session.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS } from "../../testing/session_stage.ts";

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
