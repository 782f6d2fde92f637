/**
 * The credentials of tasks.
 *
 * @module
 */

import type { IAMRoleCredentials } from "../../../protocol/messages.ts";
import { CONTAINER_INSTANCE_ARN } from "../../testing/fakes/session_stage.ts";
import type { Checks, PassingMessage } from "../observer.ts";
import type { World } from "../world.ts";
import { every, type Fail, isSettled, MINUTE, Recent } from "./invariant.ts";

/** Checks that credentials are stored before they are acknowledged. */
export function storesBeforeAcknowledging({ agent, service }: World, fail: Fail): Checks {
  const ids = new Recent<true>();
  return {
    arrived: (message) => {
      for (const id of credentialsIdsIn(message)) ids.set(id, true);
    },
    sent({ type, fields }) {
      if (type !== "IAMRoleCredentialsAckRequest") return;
      // A full store drops those that have expired, even before they are acknowledged.
      if (Date.parse(String(fields["expiration"])) <= service.emulator.now()) return;
      const id = String(fields["credentialsId"]);
      if (!ids.get(id)) fail(`${id} has never arrived`);
      const stored = agent.session?.credentialsManager.getTaskCredentials(id);
      const isOfTask = service.emulator.issued.all(CONTAINER_INSTANCE_ARN).some((issued) =>
        issued.roleCredentials?.credentialsId === id &&
        !hasExpired(issued.roleCredentials, service.emulator.now())
      );
      if (stored === undefined && isOfTask) fail(`${id} is not stored`);
    },
  };
}

/** Checks that the newest credentials win. */
export function newestCredentialsWin(world: World, fail: Fail): Checks {
  const everyTenMinutes = every(world, 10 * MINUTE);
  return {
    look() {
      if (!everyTenMinutes() || !isSettled(world)) return;
      const { agent: { session }, service: { emulator } } = world;
      for (const { taskArn, roleCredentials } of emulator.issued.all(CONTAINER_INSTANCE_ARN)) {
        const id = roleCredentials?.credentialsId ?? "";
        if (emulator.tasks.get(taskArn ?? "")?.desiredStatus !== "RUNNING") continue;
        // The agent's store may drop those that have expired.
        if (hasExpired(roleCredentials, emulator.now())) continue;
        const stored = session?.credentialsManager.getTaskCredentials(id);
        const storedKey = stored?.iamRoleCredentials.accessKeyId;
        if (storedKey !== roleCredentials?.accessKeyId) {
          fail(`${id} of ${taskArn} is ${storedKey ?? "missing"}`);
        }
      }
    },
  };
}

/** Checks that the credentials of stopped tasks are removed. */
export function stoppedTasksHaveNoCredentials(world: World, fail: Fail): Checks {
  const everyTenMinutes = every(world, 10 * MINUTE);
  let startedAt = 0;
  return {
    started: () => void (startedAt = world.time.elapsedMs),
    look() {
      if (!everyTenMinutes() || !isSettled(world)) return;
      const { agent: { session, disk }, service: { emulator } } = world;
      for (const { taskArn, desiredStatus, task } of emulator.tasks.records) {
        if (desiredStatus !== "STOPPED" || disk.tasks.get(taskArn) !== "STOPPED") continue;
        // A process that has started since does not know what an earlier one has stopped.
        if ((disk.stoppedAt.get(taskArn) ?? 0) < startedAt) continue;
        const id = task.roleCredentials?.credentialsId ?? "";
        const stored = session?.credentialsManager.getTaskCredentials(id);
        if (stored !== undefined) fail(`${id} of ${taskArn} is still stored`);
      }
    },
  };
}

function hasExpired(credentials: IAMRoleCredentials | null | undefined, now: number): boolean {
  return Date.parse(credentials?.expiration ?? "") <= now;
}

function credentialsIdsIn({ type, fields }: PassingMessage): string[] {
  if (type === "IAMRoleCredentialsMessage") return idsOf([fields["roleCredentials"]]);
  if (type !== "PayloadMessage" || !Array.isArray(fields["tasks"])) return [];
  return fields["tasks"].flatMap((task: unknown) =>
    typeof task === "object" && task !== null
      ? idsOf([Reflect.get(task, "roleCredentials"), Reflect.get(task, "executionRoleCredentials")])
      : []
  );
}

function idsOf(credentials: readonly unknown[]): string[] {
  return credentials.flatMap((each) => {
    if (typeof each !== "object" || each === null) return [];
    const id: unknown = Reflect.get(each, "credentialsId");
    return typeof id === "string" ? [id] : [];
  });
}
