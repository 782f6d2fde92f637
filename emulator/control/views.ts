/**
 * Descriptions of an emulator as JSON data.
 *
 * @module
 */

import { VERSION } from "../../internal/version.ts";
import type { EmulatorConnection } from "../acs/emulator_connection.ts";
import type { EmulatorService } from "../emulator_service.ts";

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

/** A summary of the emulator. */
export function emulatorView(service: EmulatorService): object {
  const { url, region, startedAt, clusters, instances, tasks, hub, telemetry, transcript } =
    service;
  return {
    url,
    version: VERSION,
    region,
    startedAt,
    clusters: clusters.all.filter(({ status }) => status === "ACTIVE").map(({ name }) => name),
    containerInstances: instances.all.length,
    tasks: tasks.all.length,
    connections: hub.connections.filter(({ open }) => open).length,
    pending: hub.outbox.size,
    telemetry: { connections: telemetry.open.length, frames: telemetry.counts },
    lastEntry: transcript.lastNumber,
  };
}
