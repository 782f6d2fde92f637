/**
 * The agent's description of itself in the query of the upgrade.
 *
 * @module
 */

import { isContainerInstanceArn } from "../../protocol/arn.ts";
import type { ServiceError } from "./service_error.ts";

/** The parameters that every upgrade must have. */
const REQUIRED: readonly string[] = [
  "agentHash",
  "agentVersion",
  "clusterArn",
  "containerInstanceArn",
  "protocolVersion",
  "sendCredentials",
  "seqNum",
];

/** The query of one upgrade. */
export interface UpgradeQuery {
  /** Hash of the agent's build. */
  readonly agentHash: string;
  /** The agent's version. */
  readonly agentVersion: string;
  /** The cluster, as a name or an ARN: the agent's configuration. */
  readonly clusterArn: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** The container runtime, such as `DockerVersion: 25.0.6`; `undefined` if omitted. */
  readonly dockerVersion: string | undefined;
  /** 2 and above: the agent wants to be disconnected when it misses heartbeats. */
  readonly protocolVersion: number;
  /** Whether the agent requests the credentials of all its tasks. */
  readonly sendCredentials: boolean;
  /** Always 1, as agents send it. */
  readonly seqNum: number;
}

/**
 * Reads the query of an upgrade.
 *
 * @param query The query, without `?`.
 * @returns The parameters, or the service's error if one is missing or malformed.
 */
export function parseUpgradeQuery(query: string): UpgradeQuery | ServiceError {
  const parameters = new URLSearchParams(query);
  const missing = REQUIRED.filter((name) => !parameters.has(name));
  if (missing.length > 0) return badRequest(`Missing query parameters: ${missing.join(", ")}`);

  const text = (name: string) => parameters.get(name) ?? "";
  const sendCredentials = text("sendCredentials");
  if (sendCredentials !== "true" && sendCredentials !== "false") {
    return badRequest("sendCredentials is neither true nor false");
  }
  const notNumeric = ["protocolVersion", "seqNum"].filter((name) => !/^\d{1,9}$/.test(text(name)));
  if (notNumeric.length > 0) return badRequest(`Not a number: ${notNumeric.join(", ")}`);
  if (!isContainerInstanceArn(text("containerInstanceArn"))) {
    return {
      status: 400,
      exception: "InvalidInstanceException",
      message: "containerInstanceArn is not the ARN of a container instance",
    };
  }
  return {
    agentHash: text("agentHash"),
    agentVersion: text("agentVersion"),
    clusterArn: text("clusterArn"),
    containerInstanceArn: text("containerInstanceArn"),
    dockerVersion: parameters.get("dockerVersion") ?? undefined,
    protocolVersion: Number(text("protocolVersion")),
    sendCredentials: sendCredentials === "true",
    seqNum: Number(text("seqNum")),
  };
}

function badRequest(message: string): ServiceError {
  return { status: 400, exception: "BadRequestException", message };
}
