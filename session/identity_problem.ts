/**
 * Checks that a container instance's ARN, its cluster and its region can belong together.
 *
 * @module
 */

import { clusterName, ecsLocation, isArn, isContainerInstanceArn } from "../protocol/arn.ts";

/** The configured identity of an agent. */
export interface AgentIdentity {
  /** The region. */
  readonly region: string;
  /** The cluster's name or ARN; `undefined` or empty if it is not configured. */
  readonly cluster?: string | undefined;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
}

/** A contradiction in an agent's identity. */
export interface IdentityProblem {
  /** The part that is contradictory: the kind of the ARN, its region, or its cluster. */
  readonly kind: "not-a-container-instance" | "region" | "cluster";
  /** A description of it: a sentence without its full stop. */
  readonly text: string;
}

/**
 * Finds a contradiction that ECS would refuse. ARNs of the older form, `container-instance/0f0f`, name
 * no cluster and fit every one.
 *
 * @param identity The identity.
 * @returns `undefined` if there is none.
 */
export function identityProblem(identity: AgentIdentity): IdentityProblem | undefined {
  const { region, cluster, containerInstanceArn: arn } = identity;
  if (!isContainerInstanceArn(arn)) {
    const what = isArn(arn) ? `the ARN of a ${kindOf(arn)}` : "not an ARN";
    return {
      kind: "not-a-container-instance",
      text: `the container instance's ARN must be of the form ` +
        `arn:aws:ecs:REGION:ACCOUNT:container-instance/CLUSTER/ID; this is ${what}`,
    };
  }
  const [, , , arnRegion = ""] = arn.split(":");
  if (arnRegion !== region) {
    return {
      kind: "region",
      text: `the container instance is in the region ${arnRegion}, not in ${region}`,
    };
  }
  const { cluster: arnCluster } = ecsLocation(arn);
  if (!cluster || arnCluster === undefined || arnCluster === clusterName(cluster)) return undefined;
  return {
    kind: "cluster",
    text: `the container instance is in the cluster ${arnCluster}, not in ${clusterName(cluster)}`,
  };
}

/** Such as `cluster`, or `ec2 instance`. */
function kindOf(arn: string): string {
  const [, , service = "", , , resource = ""] = arn.split(":");
  const type = resource.split("/")[0] ?? "";
  return service === "ecs" ? type : `${service} ${type}`;
}

/**
 * The cluster to send to the service.
 *
 * @param identity The identity.
 * @returns The configured cluster; without one, that in the container instance's ARN, and `default`
 * if the ARN has the older form.
 */
export function clusterToSend({ cluster, containerInstanceArn }: AgentIdentity): string {
  if (cluster) return cluster;
  const inArn = isContainerInstanceArn(containerInstanceArn)
    ? ecsLocation(containerInstanceArn).cluster
    : undefined;
  return inArn ?? "default";
}
