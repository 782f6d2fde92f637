/**
 * A task that an agent can run with nothing but a container runtime.
 *
 * @module
 */

import type { Task } from "../../protocol/messages.ts";

/** The image of the sample: it is public, small, and built for many architectures. */
export const PLAIN_IMAGE = "public.ecr.aws/docker/library/busybox:stable";

/** The command of the sample's container. */
export const PLAIN_COMMAND: readonly string[] = ["sleep", "3600"];

/**
 * The time between SIGTERM and SIGKILL, in seconds. Short, since the command runs as PID 1 and
 * therefore ignores SIGTERM.
 */
export const PLAIN_STOP_TIMEOUT = 2;

/**
 * A task with one container that sleeps for an hour: no roles, no volumes, and no network interface
 * of its own. It has no ARNs yet.
 */
export function samplePlainTask(): Task {
  return {
    desiredStatus: "RUNNING",
    family: "sample",
    version: "1",
    launchType: "EC2",
    networkMode: "bridge",
    group: "family:sample",
    overrides: "{}",
    volumes: [],
    containers: [
      {
        name: "main",
        image: PLAIN_IMAGE,
        command: [...PLAIN_COMMAND],
        cpu: 10,
        memory: 32,
        essential: true,
        stopTimeout: PLAIN_STOP_TIMEOUT,
        environment: {},
        portMappings: [],
        mountPoints: [],
        overrides: "{}",
        dockerConfig: {
          // Docker 1.9 and later, and Podman, have this version of the API.
          version: "1.21",
          config: "{}",
          hostConfig: JSON.stringify({ NetworkMode: "bridge" }),
        },
      },
    ],
  };
}
