/**
 * Holds a session until its first attempt has failed, and prints why as JSON. Arguments: the URL of
 * the ECS API, or `region` and a region; the variables of the environment say the rest.
 *
 * @module
 */

import process from "node:process";
import { Session } from "../../../session/session.ts";
import { CREDENTIALS } from "../fakes/session_stage.ts";

const [first = "", region = "us-west-2"] = process.argv.slice(2);
const session = new Session({
  region,
  containerInstanceArn: `arn:aws:ecs:${region}:123456789012:container-instance/default/0123456789`,
  credentials: CREDENTIALS,
  agentVersion: "1.0.0",
  timing: { discoverTimeoutMs: 3_000, connectTimeoutMs: 3_000 },
  ...(first !== "region" && { endpoint: first }),
});
session.addEventListener("connectfailed", ({ detail: { stage, error } }) => {
  const help = "help" in error ? error.help : undefined;
  process.stdout.write(`${JSON.stringify({ stage, message: error.message, help })}\n`);
  void session.stop();
}, { once: true });
await session.start();
