/**
 * Support for unmodified agents in `acs emulate`: a task definition that they can run, and the
 * commands that start one.
 *
 * @module
 */

import { clusterName } from "../protocol/arn.ts";
import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import { EcsApiError } from "../emulator/api/api_error.ts";
import { PLAIN_COMMAND, PLAIN_IMAGE } from "../emulator/samples/plain_task.ts";
import type { EmulatorTarget } from "./agent_environment.ts";

/** The family of the task definition. */
const FAMILY = "sample";

const AGENT_IMAGE = "public.ecr.aws/ecs/amazon-ecs-agent:latest";

/** Registers the task definition, unless the state file has it. */
export function registerSample(emulator: AcsEmulator): void {
  try {
    emulator.callApi("DescribeTaskDefinition", { taskDefinition: FAMILY });
  } catch (error) {
    if (!(error instanceof EcsApiError)) throw error;
    emulator.callApi("RegisterTaskDefinition", {
      family: FAMILY,
      containerDefinitions: [
        { name: "main", image: PLAIN_IMAGE, command: PLAIN_COMMAND, cpu: 10, memory: 32 },
      ],
    });
  }
}

/** How to start an unmodified agent with Docker, and a task on it: lines of text. */
export function howToStartARealAgent({ url, clusterArn }: EmulatorTarget): string[] {
  const cluster = clusterArn === undefined ? "default" : clusterName(clusterArn);
  const inherited = [
    "ECS_EXTERNAL",
    "AWS_ENDPOINT_URL_ECS",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
  ];
  const named = clusterArn === undefined ? "" : ` --cluster ${cluster}`;
  const ecs = `aws --endpoint-url ${url} ecs`;
  return [
    "With Docker, an unmodified amazon-ecs-agent joins it, and the AWS CLI runs a task on it:",
    "",
    "  docker run --detach --name ecs-agent --network host \\",
    "    -v /var/run/docker.sock:/var/run/docker.sock \\",
    `    -e ECS_CLUSTER=${cluster} ${inherited.map((name) => `-e ${name}`).join(" ")} \\`,
    `    ${AGENT_IMAGE}`,
    `  ${ecs} run-task --task-definition ${FAMILY}${named}`,
    `  ${ecs} list-tasks${named}`,
  ];
}
