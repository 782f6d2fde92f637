/**
 * The instance's keys, with which the session signs.
 *
 * @module
 */

import { refusesKeys } from "../../../session/refuses_keys.ts";
import { isServiceException } from "../../../wsclient/service_exception.ts";
import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import { type Fail, MINUTE } from "./invariant.ts";

/** After this time a call is abandoned, in ms. */
const ABANDONED_MS = 5 * MINUTE;

/** How long keys that have arrived late are used, in ms. */
const KEPT_MS = 5 * MINUTE;

/** Checks that keys that arrive after the session's limit for them are used by the next attempts. */
export function usesLateKeys({ time }: World, fail: Fail): Checks {
  let lateAt: number | undefined;
  let calledAt = 0;
  let suspendedAt = -Infinity;
  // After a blocked thread, keys may arrive before the limit is noticed.
  let hasGivenUp = false;
  const forget = () => void (lateAt = undefined);
  return {
    started: forget,
    keysCalled(isForced) {
      calledAt = time.monotonicNow();
      hasGivenUp = false;
      const agoMs = calledAt - (lateAt ?? -Infinity);
      if (!isForced && agoMs < KEPT_MS) fail(`late keys arrived ${agoMs} ms ago`);
    },
    keysArrived(afterMs) {
      const isUsable = afterMs < ABANDONED_MS && suspendedAt < calledAt;
      if (isUsable && hasGivenUp) lateAt = time.monotonicNow();
    },
    reported(type) {
      if (type === "suspended") suspendedAt = time.monotonicNow();
      if (type === "connectfailed") hasGivenUp = true;
      // They may have been refused.
      if (type === "suspended" || type === "connectfailed") forget();
    },
  };
}

/** Checks that each attempt is signed with keys that were requested for it, or that arrived late. */
export function keysAreNew(world: World, fail: Fail): Checks {
  const { time } = world;
  let arrivedAt = -Infinity;
  let isRequested = false;
  /** When the clock was last known to be the reason of no refusal, in true ms after the start. */
  let refusedAtMs = -Infinity;
  const forget = () => {
    arrivedAt = -Infinity;
    isRequested = false;
  };
  const attempt = () => {
    const ageMs = time.monotonicNow() - arrivedAt;
    if (!isRequested && ageMs > KEPT_MS) fail(`the keys arrived ${ageMs} ms ago`);
    isRequested = false;
  };
  return {
    started() {
      refusedAtMs = -Infinity;
      forget();
    },
    keysArrived() {
      arrivedAt = time.monotonicNow();
      isRequested = true;
    },
    reported(type, detail) {
      if (type === "suspended") forget();
      const error: unknown = type === "connectfailed" && Reflect.get(detail, "error");
      if (!isServiceException(error) || !refusesKeys(error)) return;
      // The clock may be the reason, instead of the keys.
      const isClock = world.clockSetAtMs >= refusedAtMs;
      refusedAtMs = time.elapsedMs;
      if (!isClock) forget();
    },
    connecting: attempt,
    asking: attempt,
  };
}

/** Checks that fresh keys are requested only after a failed attempt. */
export function onlyForcesAfterRefusals({ time }: World, fail: Fail): Checks {
  let mayForce = false;
  let forcedAt: number | undefined;
  return {
    started: () => void (mayForce = false),
    keysCalled(isForced) {
      if (isForced && !mayForce) fail("the keys have not been refused since");
      forcedAt = isForced ? time.monotonicNow() : undefined;
    },
    keysArrived(afterMs) {
      // An older call may still be in progress, which was abandoned.
      if (time.monotonicNow() - afterMs === forcedAt) mayForce = false;
    },
    reported(type, detail) {
      if (type === "connectfailed") mayForce = true;
      // ECS may have refused them, and an expired endpoint is used.
      if (type === "discovered" && Reflect.get(detail, "source") === "expired") mayForce = true;
    },
  };
}
