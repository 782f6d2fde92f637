/**
 * An agent that configures no log. Its arguments: the URL of the ECS API; the problem, `refused` or
 * `handler`; and how it handles the problem, `nothing`, `listens`, `logs` or `silent`.
 *
 * @module
 */

import process from "node:process";
import { configure } from "@logtape/logtape";
import { Session } from "../../../mod.ts";
import { CONTAINER_INSTANCE_ARN } from "../fakes/session_stage.ts";
import { print } from "../print.ts";

const [, , endpoint = "", what, how] = process.argv;

if (how === "logs") {
  await configure({
    sinks: { none: () => {} },
    loggers: [
      { category: ["acs", "session"], lowestLevel: "error", sinks: ["none"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["none"] },
    ],
  });
}

/** Two of them: a process warns once. */
const sessions = ["a", "b"].map((id) =>
  new Session({
    region: "us-west-2",
    containerInstanceArn: `${CONTAINER_INSTANCE_ARN}${id}`,
    credentials: {
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: what === "refused" ? "wrong" : "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    },
    endpoint,
    agentVersion: "1.0.0",
    ...(how === "silent" ? { warnIfUnheard: false } : {}),
    payloadMessageHandler: {
      processMessage() {
        throw new Error("the handler is broken");
      },
    },
  })
);
for (const session of sessions) {
  if (how === "listens") {
    session.addEventListener("connectfailed", () => {});
    session.addEventListener("dropped", () => {});
  }
  void session.start();
}
print("started");
process.once("SIGTERM", () => sessions.forEach((session) => void session.stop()));
