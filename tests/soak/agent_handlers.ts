/**
 * Handlers of an agent on a bad day: some calls fail, some are slow, most succeed.
 *
 * @module
 */

import { ConnectError, type SessionOptions } from "../../mod.ts";
import type { RandomSource } from "../../internal/jitter.ts";
import type { AgentCounts } from "./report.ts";

/** One in this many calls fails. */
const FAILS_ONCE_IN = 20;

/** One in this many takes longer than a turn of the event loop. */
const IS_SLOW_ONCE_IN = 10;

/** The slowest call, in ms: it occupies its lane for an unhealthy time. */
const SLOWEST_MS = 400;

/** The handlers of one session. */
export function moodyHandlers(counts: AgentCounts, random: RandomSource): Partial<SessionOptions> {
  const moody = async <T>(result: T): Promise<T> => {
    counts.handled += 1;
    if (random() * IS_SLOW_ONCE_IN < 1) await pause(random() ** 4 * SLOWEST_MS);
    if (random() * FAILS_ONCE_IN >= 1) return result;
    counts.handlerFailures += 1;
    throw new ConnectError("a handler that fails on purpose");
  };
  const update = async (_message: object, answer: { ack(): void; nack(reason: string): void }) => {
    await moody(undefined);
    if (random() < 0.5) answer.ack();
    else answer.nack("not today");
  };
  return {
    payloadMessageHandler: {
      async processMessage(_message, ack) {
        await moody(undefined);
        await ack();
      },
    },
    credentialsMetadataSetter: {
      setTaskRoleCredentialsMetadata: () => moody(undefined),
      setExecRoleCredentialsMetadata: () => moody(undefined),
    },
    eniHandler: { handleEniAttachment: () => moody(undefined) },
    resourceHandler: { handleResourceAttachment: () => moody(undefined) },
    taskComparer: {
      compareRunningTasksOnInstanceWithManifest: (message) =>
        moody([{
          taskArn: "arn:aws:ecs:us-west-2:111122223333:task/default/0",
          taskClusterArn: message.clusterArn,
          desiredStatus: "STOPPED",
        }]),
    },
    taskStopper: { stopTask: () => moody(undefined) },
    updateHandler: { stageUpdate: update, performUpdate: update },
    inactiveInstanceCallback: () => moody(undefined),
  };
}

/** Waits this many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
