/**
 * Support for unmodified agents in `acs emulate`: a task definition that they can run, and the
 * commands that start one.
 *
 * @module
 */

import { clusterName } from "../protocol/arn.ts";
import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import { EcsApiError } from "../emulator/api/api_error.ts";
import { PLAIN_COMMAND, PLAIN_IMAGE, PLAIN_STOP_TIMEOUT } from "../emulator/samples/plain_task.ts";
import type { EmulatorTarget } from "../emulator/agent_variables.ts";

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
        {
          name: "main",
          image: PLAIN_IMAGE,
          command: PLAIN_COMMAND,
          cpu: 10,
          memory: 32,
          stopTimeout: PLAIN_STOP_TIMEOUT,
        },
      ],
    });
  }
}

/**
 * Returns lines of text that describe how to start an unmodified agent with Docker and run a task
 * on it, in a shell in which the agent's variables are set.
 */
export function howToStartARealAgent({ clusterArn }: EmulatorTarget): string[] {
  const cluster = clusterArn === undefined ? "default" : clusterName(clusterArn);
  const named = clusterArn === undefined ? "" : ` --cluster ${cluster}`;
  return [
    "With Docker, an unmodified amazon-ecs-agent joins it; the AWS CLI runs a task:",
    "",
    "  docker run --detach --name ecs-agent --network host \\",
    `    -v /var/run/docker.sock:/var/run/docker.sock -e ECS_CLUSTER=${cluster} \\`,
    "    -e ECS_EXTERNAL -e AWS_ENDPOINT_URL_ECS -e AWS_DEFAULT_REGION \\",
    "    -e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY \\",
    `    ${AGENT_IMAGE}`,
    `  aws ecs run-task --task-definition ${FAMILY}${named}`,
    `  aws ecs list-tasks${named}`,
  ];
}
