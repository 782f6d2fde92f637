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
  usesLateKeys,
} from "./credentials.ts";
import { neighboursAreSeparate, tasksAgree } from "./tasks.ts";
import {
  notReadyBehindBacklog,
  notReadyInSilence,
  notReadyWhileStuck,
  notReadyWithLostAnswers,
  notReadyWithoutConnection,
  readyAfterFaults,
} from "./readiness.ts";
import { neverStorms, noticesSuspensions, rediscovers, waitsByItsTable } from "./reconnects.ts";
import { isBounded, leavesNothing, nothingUnhandled } from "./bounds.ts";
import { reportsNoSecrets } from "./secrets.ts";
import { deadlinesKeepTime } from "./deadlines.ts";
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
    says: "the newest credentials win",
    check: newestCredentialsWin,
  },
  {
    says: "the instance's keys are used by the next attempts if they arrive late",
    check: usesLateKeys,
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
    says: "the session is ready again soon after the last fault",
    check: readyAfterFaults,
  },
  {
    says: "a suspension is noticed soon after the machine has resumed",
    check: noticesSuspensions,
  },
  {
    says: "the session waits exactly as long as its table of delays allows",
    check: waitsByItsTable,
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
    says: "nothing is left after the stop",
    check: leavesNothing,
  },
];
