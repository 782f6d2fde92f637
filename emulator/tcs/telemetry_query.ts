/**
 * The query of an upgrade to TCS.
 *
 * @module
 */

import { isContainerInstanceArn } from "../../protocol/arn.ts";
import type { ServiceError } from "../http/service_error.ts";
import type { UpgradeQuery } from "../http/upgrade_query.ts";

/** The parameters that every upgrade must have. */
const REQUIRED: readonly string[] = ["agentHash", "agentVersion", "cluster", "containerInstance"];

/**
 * Reads the query of an upgrade, with the same errors as for ACS.
 *
 * @param query The query, without `?`.
 * @returns The parameters, or the service's error if one is missing or malformed.
 */
export function parseTelemetryQuery(query: string): UpgradeQuery | ServiceError {
  const parameters = new URLSearchParams(query);
  const text = (name: string) => parameters.get(name) ?? "";
  const missing = REQUIRED.filter((name) => text(name) === "");
  if (missing.length > 0) {
    return {
      status: 400,
      exception: "BadRequestException",
      message: `Missing query parameters: ${missing.join(", ")}`,
    };
  }
  if (!isContainerInstanceArn(text("containerInstance"))) {
    return {
      status: 400,
      exception: "ResourceValidationException",
      message: "containerInstance is not the ARN of a container instance",
    };
  }
  return {
    agentHash: text("agentHash"),
    agentVersion: text("agentVersion"),
    clusterArn: text("cluster"),
    containerInstanceArn: text("containerInstance"),
    dockerVersion: parameters.get("dockerVersion") ?? undefined,
    protocolVersion: 1,
    sendCredentials: false,
    seqNum: 1,
  };
}
