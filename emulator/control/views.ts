/**
 * What is told of an emulator, as JSON takes it.
 *
 * @module
 */

import type { EmulatorConnection } from "../acs/emulator_connection.ts";
import type { AcsEmulator } from "../acs_emulator.ts";

/** One connection. */
export function connectionView(connection: EmulatorConnection): object {
  const { id, containerInstanceArn, clusterArn, query, open } = connection;
  const { connectedAt, disconnectedAt, closeCode, closeReason } = connection;
  return {
    id,
    containerInstanceArn,
    clusterArn,
    open,
    connectedAt,
    disconnectedAt,
    closeCode,
    closeReason,
    agent: {
      version: query.agentVersion,
      hash: query.agentHash,
      docker: query.dockerVersion,
      protocolVersion: query.protocolVersion,
      sendCredentials: query.sendCredentials,
    },
  };
}

/** The emulator, in short. */
export function emulatorView(emulator: AcsEmulator): object {
  const { transcript, connections } = emulator;
  return {
    url: emulator.url,
    containerInstances: emulator.containerInstances.length,
    tasks: emulator.tasks.length,
    connections: connections.filter(({ open }) => open).length,
    pending: emulator.pendingCount,
    lastEntry: transcript.at(-1)?.number ?? 0,
  };
}
