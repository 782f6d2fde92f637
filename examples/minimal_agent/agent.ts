import process from "node:process";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { configure, getConsoleSink } from "@logtape/logtape";
import { Session } from "@acs/session";

await configure({
  sinks: { console: getConsoleSink() },
  loggers: [
    { category: ["acs", "session"], lowestLevel: "info", sinks: ["console"] },
    { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["console"] },
  ],
});

const session = new Session({
  region: process.env.AWS_REGION ?? "us-west-2",
  endpoint: process.env.AWS_ENDPOINT_URL_ECS, // the emulator's; if unset, the region's
  containerInstanceArn: process.env.ACS_CONTAINER_INSTANCE_ARN ?? "",
  credentials: () => fromNodeProviderChain({ ignoreCache: true })(), // called for each attempt
  agentVersion: "1.0.0",
  payloadMessageHandler: {
    async processMessage(message, ack) {
      for (const task of message.tasks ?? []) console.log(task?.desiredStatus, task?.arn);
      await ack(); // acknowledges the payload and its credentials, which the session has stored
    },
  },
});

process.once("SIGTERM", () => session.stop()); // waits for running handlers, 5 s at most
await session.start(); // resolves once the session has stopped
