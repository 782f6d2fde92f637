/**
 * The program: `main.ts DIRECTORY`, configured by the variables of AWS's SDK and `ECS_CLUSTER`.
 *
 * @module
 */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { Session } from "@acs/session";
import { ECSClient, UpdateContainerInstancesStateCommand } from "@aws-sdk/client-ecs";
import { AgentData } from "./agent_data.ts";
import { log } from "./log.ts";
import { ProcessAgent } from "./process_agent.ts";
import { register } from "./registration.ts";
import { StateReporter } from "./state_reporter.ts";

/** How long a draining agent waits for the service to move its tasks, in ms. */
const DRAIN_MS = 5_000;

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: main.ts DIRECTORY");
const cluster = process.env.ECS_CLUSTER ?? "default";
const endpoint = process.env.AWS_ENDPOINT_URL_ECS;

const ecs = new ECSClient();
const data = await AgentData.open(directory);
const containerInstanceArn = await register(ecs, cluster, data);
log(`registered ${containerInstanceArn}`);

const ending = new AbortController();
const agent = new ProcessAgent(data, new StateReporter(ecs, cluster, ending.signal));
const session = new Session({
  region: await ecs.config.region(),
  credentials: ecs.config.credentials,
  ...(endpoint !== undefined && { endpoint }),
  cluster,
  containerInstanceArn,
  agentVersion: "1.0.0",
  handlers: {
    processMessage: (message, ack) => agent.processMessage(message, ack),
    compareRunningTasksOnInstanceWithManifest: (message) =>
      agent.compareRunningTasksOnInstanceWithManifest(message),
    stopTask: (taskArn) => agent.stopTask(taskArn),
  },
  sequenceNumberAccessor: {
    getLatestSequenceNumber: () => data.saved.sequenceNumber,
    setLatestSequenceNumber(sequenceNumber) {
      data.saved.sequenceNumber = sequenceNumber;
      return data.save();
    },
  },
  manifestMessageIdAccessor: {
    getMessageId: () => data.saved.manifestMessageId,
    setMessageId(messageId) {
      data.saved.manifestMessageId = messageId;
      return data.save();
    },
  },
});
session.addEventListener("connected", () => log("connected"));
process.once("SIGTERM", () => void drain());
await session.start();

/** Lets the service move the tasks, stops the remaining ones, and ends the session. */
async function drain(): Promise<void> {
  log("draining");
  await ecs.send(
    new UpdateContainerInstancesStateCommand({
      cluster,
      containerInstances: [containerInstanceArn],
      status: "DRAINING",
    }),
  ).catch((error) => log(`cannot drain: ${error}`));
  await Promise.race([agent.ended(), delay(DRAIN_MS, undefined, { ref: false })]);
  agent.stopAll();
  await agent.ended();
  await session.stop();
  ending.abort();
  ecs.destroy();
  log("drained");
}
