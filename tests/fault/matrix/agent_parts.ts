/**
 * The parts of an agent that a session calls, to be replaced by ones that misbehave.
 *
 * @module
 */

import {
  type AcsEmulator,
  type PostedMessage,
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
  sampleCredentials,
  samplePayload,
  sampleTaskManifest,
  sampleUpdate,
} from "../../../emulator/mod.ts";
import { MemoryCredentialsManager } from "../../../responders/credentials_manager.ts";
import { Doctor } from "../../../responders/doctor.ts";
import type { SessionOptions } from "../../../session/options.ts";

/** What the agent's code does when it is called. */
export type Act = () => void | Promise<void>;

/** All misbehaviors, by name. */
export const MISBEHAVIORS: Readonly<Record<string, Act>> = {
  "throws": () => {
    throw new Error("the agent's own error");
  },
  "rejects": () => Promise.reject(new Error("the agent's own error")),
  "never settles": () => new Promise(() => {}),
};

/** A part of the agent that the session calls. */
export interface Part {
  readonly name: string;
  /** The type of message for which it is called. */
  readonly type: string;
  /**
   * Its lane; a part that runs in the background occupies none, and its message is acknowledged
   * first.
   */
  readonly lane: "payload" | "credentials" | "attachments" | "updates" | "background";
  /** A session in which this part does what `act` does. */
  options(act: Act): Partial<SessionOptions>;
  /** Sends the message. */
  send(emulator: AcsEmulator): PostedMessage;
}

/** Every part whose message is answered. */
export const PARTS: readonly Part[] = [
  {
    name: "payload handler",
    type: "PayloadMessage",
    lane: "payload",
    options: (act) => ({
      payloadMessageHandler: {
        // Not async, so that it throws synchronously.
        processMessage: (_message, ack) => act()?.then(() => ack()) ?? ack(),
      },
    }),
    send: (emulator) => emulator.sendPayload(samplePayload(1)),
  },
  {
    name: "credentials manager",
    type: "IAMRoleCredentialsMessage",
    lane: "credentials",
    options: (act) => {
      const credentialsManager = new MemoryCredentialsManager();
      return {
        credentialsManager: Object.assign(credentialsManager, { setTaskCredentials: act }),
        // Otherwise no payload with credentials could be accepted either.
        payloadCredentials: "handler",
      };
    },
    send: (emulator) => emulator.sendCredentials(sampleCredentials(1)),
  },
  {
    name: "credentials metadata setter",
    type: "IAMRoleCredentialsMessage",
    lane: "credentials",
    options: (act) => ({
      credentialsMetadataSetter: {
        setTaskRoleCredentialsMetadata: act,
        setExecRoleCredentialsMetadata: act,
      },
    }),
    send: (emulator) => emulator.sendCredentials(sampleCredentials(1)),
  },
  {
    name: "store of sequence numbers",
    type: "TaskManifestMessage",
    lane: "payload",
    options: (act) => ({
      sequenceNumberAccessor: { getLatestSequenceNumber: () => 0, setLatestSequenceNumber: act },
      taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [] },
    }),
    send: (emulator) => emulator.sendTaskManifest(sampleTaskManifest(1)),
  },
  {
    name: "store of manifest ids",
    type: "TaskManifestMessage",
    lane: "payload",
    options: (act) => ({
      manifestMessageIdAccessor: { getMessageId: () => "", setMessageId: act },
      taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [] },
    }),
    send: (emulator) => emulator.sendTaskManifest(sampleTaskManifest(1)),
  },
  {
    name: "task comparer",
    type: "TaskManifestMessage",
    lane: "payload",
    options: (act) => ({
      taskComparer: {
        compareRunningTasksOnInstanceWithManifest: () => act()?.then(() => []) ?? [],
      },
    }),
    send: (emulator) => emulator.sendTaskManifest(sampleTaskManifest(1)),
  },
  {
    name: "handler of updates",
    type: "StageUpdateMessage",
    lane: "updates",
    options: (act) => ({
      // As for the others: the emulator's clock is the real one, and rejects a difference of 20
      // min.
      timing: { updateStuckMs: 60_000 },
      updateHandler: {
        stageUpdate: (_message, answer) => act()?.then(() => answer.ack()) ?? answer.ack(),
        performUpdate: () => {},
      },
    }),
    send: (emulator) => emulator.sendStageUpdate(sampleUpdate()),
  },
  {
    name: "network interface handler",
    type: "AttachTaskNetworkInterfacesMessage",
    lane: "background",
    options: (act) => ({ eniHandler: { handleEniAttachment: act } }),
    send: (emulator) => emulator.attachTaskNetworkInterfaces(sampleAttachTaskNetworkInterfaces(1)),
  },
  {
    name: "resource handler",
    type: "ConfirmAttachmentMessage",
    lane: "background",
    options: (act) => ({ resourceHandler: { handleResourceAttachment: act } }),
    send: (emulator) => emulator.confirmAttachment(sampleConfirmAttachment(1)),
  },
  {
    name: "health check",
    type: "HeartbeatMessage",
    lane: "background",
    options: (act) => ({
      doctor: new Doctor([{ type: "own", runCheck: () => act()?.then(() => true) ?? true }]),
    }),
    send: (emulator) => emulator.sendHeartbeat(),
  },
];
