/**
 * The invariants of every simulation, checked at every step: each is a sentence with the code that
 * checks it.
 *
 * @module
 */

import {
  acknowledgesAfterHandling,
  acknowledgesEverything,
  serviceHasNoComplaints,
} from "./acknowledgements.ts";
import {
  credentialsWaitForTheirPayload,
  fastHandlersKeepUp,
  heartbeatsAtOnce,
  lanesAreIndependent,
  oneHandlerPerLane,
  payloadsInOrder,
} from "./lanes.ts";
import {
  newestCredentialsWin,
  stoppedTasksHaveNoCredentials,
  storesBeforeAcknowledging,
} from "./credentials.ts";
import { comparesNewManifestsOnly, neighboursAreSeparate, tasksAgree } from "./tasks.ts";
import {
  notReadyAfterUselessConnections,
  notReadyBehindBacklog,
  notReadyInSilence,
  notReadyWhileStuck,
  notReadyWithLostAnswers,
  notReadyWithoutConnection,
  readyAfterFaults,
  reportsNoFalseTroubles,
  reportsStuckHandlers,
} from "./readiness.ts";
import {
  asksForCredentialsOnce,
  asksInTime,
  delaysAreSpread,
  neverStorms,
  noticesSuspensions,
  reconnectsAfterSuspensions,
  rediscovers,
  usesExpiredEndpoints,
  usesTheNewestEndpoint,
  waitsByItsTable,
} from "./reconnects.ts";
import { waitsOnceForAttachments } from "./attachments.ts";
import { isBounded, leavesNothing, nothingUnhandled } from "./bounds.ts";
import { reportsNoSecrets } from "./secrets.ts";
import { deadlinesAreSpread, deadlinesKeepTime, givesUpInTime } from "./deadlines.ts";
import { keysAreNew, onlyForcesAfterRefusals, usesLateKeys } from "./keys.ts";
import { stopsGracefully } from "./stops.ts";
import type { Invariant } from "./invariant.ts";

/** Every invariant. */
export const INVARIANTS: readonly Invariant[] = [
  {
    says: "nothing is acknowledged before it was handled",
    check: acknowledgesAfterHandling,
  },
  {
    says: "credentials are stored before they are acknowledged",
    check: storesBeforeAcknowledging,
  },
  {
    says:
      "every message that requires an acknowledgement is acknowledged soon after the last fault",
    check: acknowledgesEverything,
  },
  {
    says: "a lane runs one handler at a time",
    check: oneHandlerPerLane,
  },
  {
    says: "payloads are handled in the order of their arrival, and each once",
    check: payloadsInOrder,
  },
  {
    says: "a heartbeat is answered immediately, whatever the lanes do",
    check: heartbeatsAtOnce,
  },
  {
    says: "a message in one lane does not wait for another lane",
    check: lanesAreIndependent,
  },
  {
    says: "a task's credentials wait for the payload that names it, and for no other",
    check: credentialsWaitForTheirPayload,
  },
  {
    says: "one handler at a time waits for an attachment, and one does if it is acknowledged",
    check: waitsOnceForAttachments,
  },
  {
    says: "the newest credentials win",
    check: newestCredentialsWin,
  },
  {
    says: "the instance's keys are used by the next attempts if they arrive late",
    check: usesLateKeys,
  },
  {
    says: "each attempt is signed with keys that were requested for it, or that have just arrived",
    check: keysAreNew,
  },
  {
    says: "fresh keys are requested only after a failed attempt",
    check: onlyForcesAfterRefusals,
  },
  {
    says: "the credentials of stopped tasks are removed",
    check: stoppedTasksHaveNoCredentials,
  },
  {
    says: "the agent's tasks agree with the service's in the end",
    check: tasksAgree,
  },
  {
    says: "a manifest is compared only if nothing newer was handled",
    check: comparesNewManifestsOnly,
  },
  {
    says: "the other instances get their own messages only, and run the tasks that they should",
    check: neighboursAreSeparate,
  },
  {
    says: "the session is not ready when no message has come for longer than the idle timeout",
    check: notReadyInSilence,
  },
  {
    says: "the session is not ready without a connection, except while it reconnects",
    check: notReadyWithoutConnection,
  },
  {
    says: "the session is not ready while messages are rejected or wait for too long",
    check: notReadyBehindBacklog,
  },
  {
    says: "the session is not ready while a handler is stuck",
    check: notReadyWhileStuck,
  },
  {
    says: "the session is not ready when its answers are lost over connection after connection",
    check: notReadyWithLostAnswers,
  },
  {
    says: "the session is not ready at the beginning of a connection after two that were in vain",
    check: notReadyAfterUselessConnections,
  },
  {
    says: "the session calls a handler stuck, answers lost, and itself failing, only if that is so",
    check: reportsNoFalseTroubles,
  },
  {
    says: "each stuck handler is reported",
    check: reportsStuckHandlers,
  },
  {
    says: "the session is ready again soon after the last fault",
    check: readyAfterFaults,
  },
  {
    says: "a suspension is noticed soon after the machine has resumed",
    check: noticesSuspensions,
  },
  {
    says: "the session connects again as soon as it has noticed a suspension",
    check: reconnectsAfterSuspensions,
  },
  {
    says: "all credentials are requested over the first connection of a process only",
    check: asksForCredentialsOnce,
  },
  {
    says: "the session waits exactly as long as its table of delays allows",
    check: waitsByItsTable,
  },
  {
    says: "delays have jitter",
    check: delaysAreSpread,
  },
  {
    says: "the session connects to the endpoint that ECS has returned last",
    check: usesTheNewestEndpoint,
  },
  {
    says: "an expired endpoint is used if ECS does not return another one",
    check: usesExpiredEndpoints,
  },
  {
    says: "an endpoint is used for twelve hours, and ECS is called again only if it has to be",
    check: asksInTime,
  },
  {
    says: "the session never connects in a storm",
    check: neverStorms,
  },
  {
    says: "the endpoint is rediscovered when it may have gone bad",
    check: rediscovers,
  },
  {
    says: "timers, listeners, connections and queued messages are bounded",
    check: isBounded,
  },
  {
    says: "deadlines expire neither early nor late, even if the clock is set meanwhile",
    check: deadlinesKeepTime,
  },
  {
    says: "no attempt lasts too long, and no connection over which nothing can be sent",
    check: givesUpInTime,
  },
  {
    says: "deadlines have jitter",
    check: deadlinesAreSpread,
  },
  {
    says: "a lane rejects payloads only while one of its handlers is running",
    check: fastHandlersKeepUp,
  },
  {
    says: "no error is unhandled, and only the seed decides what happens",
    check: nothingUnhandled,
  },
  {
    says:
      "no event, log record, measurement, health report or answer to the service contains a secret",
    check: reportsNoSecrets,
  },
  {
    says: "the service has no reason to complain",
    check: serviceHasNoComplaints,
  },
  {
    says: "a stopping session begins no handler, and waits briefly for those that are running",
    check: stopsGracefully,
  },
  {
    says: "nothing is left after the stop",
    check: leavesNothing,
  },
];
