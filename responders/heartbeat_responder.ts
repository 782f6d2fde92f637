/**
 * Answers the service's heartbeats.
 *
 * @module
 */

import type { Doctor } from "./doctor.ts";
import type { RequestResponder } from "./responder.ts";

/**
 * Acknowledges immediately, and runs the instance's health checks in the background.
 *
 * @param doctor Runs the health checks.
 * @returns The responder.
 */
export function heartbeatResponder(doctor: Doctor): RequestResponder<"HeartbeatMessage"> {
  let isChecking = false;
  const check = async () => {
    try {
      await doctor.runHealthchecks();
    } finally {
      isChecking = false;
    }
  };
  return {
    name: "heartbeat responder",
    messageType: "HeartbeatMessage",
    lane: "none",
    redelivery: "new",
    handleMessage(message, { respond, background }) {
      respond("HeartbeatAckRequest", { messageId: message.messageId });
      // A check that hangs must not pile up background work, one job per heartbeat.
      if (isChecking || !doctor.hasHealthchecks) return;
      isChecking = true;
      background(check, {});
    },
  };
}
