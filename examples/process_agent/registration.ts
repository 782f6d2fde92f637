/**
 * Registers the container instance.
 *
 * @module
 */

import { availableParallelism, totalmem } from "node:os";
import {
  CreateClusterCommand,
  type ECSClient,
  RegisterContainerInstanceCommand,
} from "@aws-sdk/client-ecs";
import type { AgentData } from "./agent_data.ts";

const MIB = 1024 * 1024;

/**
 * Registers this machine, or registers it again if it is known from an earlier run.
 *
 * @param ecs The client.
 * @param cluster The cluster, which is created if it does not exist.
 * @param data Where the container instance's ARN is stored.
 * @returns The ARN.
 */
export async function register(
  ecs: ECSClient,
  cluster: string,
  data: AgentData,
): Promise<string> {
  const { containerInstanceArn } = data.saved;
  const command = new RegisterContainerInstanceCommand({
    cluster,
    containerInstanceArn,
    totalResources: [
      { name: "CPU", type: "INTEGER", integerValue: availableParallelism() * 1024 },
      { name: "MEMORY", type: "INTEGER", integerValue: Math.floor(totalmem() / MIB) },
      { name: "PORTS", type: "STRINGSET", stringSetValue: [] },
      { name: "PORTS_UDP", type: "STRINGSET", stringSetValue: [] },
    ],
    attributes: [{ name: "ecs.capability.external" }, { name: "ecs.os-type", value: "linux" }],
  });
  const send = () => ecs.send(command);
  const { containerInstance } = await send().catch(async (error) => {
    if (error.message !== "Cluster not found.") throw error;
    await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
    return await send();
  });
  const arn = containerInstance?.containerInstanceArn;
  if (arn === undefined) throw new Error("RegisterContainerInstance returned no ARN");
  data.saved.containerInstanceArn = arn;
  await data.save();
  return arn;
}
