/**
 * Where a resource of the emulator is: its account and its cluster.
 *
 * @module
 */

import { clusterArn as arnOfCluster, ecsLocation } from "../../protocol/arn.ts";
import type { Entropy } from "../entropy.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN } from "../samples/samples.ts";

/** The account and the cluster of a resource. */
export interface Home {
  /** The beginning of its ARN: partition, service, region and account. */
  readonly account: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** The cluster's ARN. */
  readonly clusterArn: string;
}

/** The home of a container instance or a cluster; without either, that of the samples. */
export function homeOf(
  containerInstanceArn: string | undefined,
  clusterArn: string | undefined,
): Home {
  const { account, cluster = "default" } = ecsLocation(
    containerInstanceArn ?? clusterArn ?? SAMPLE_CONTAINER_INSTANCE_ARN,
  );
  return { account, cluster, clusterArn: arnOfCluster(cluster, account) };
}

/** A new ARN of a resource, such as `task`. */
export function arnIn({ account, cluster }: Home, resource: string, entropy: Entropy): string {
  return `${account}:${resource}/${cluster}/${entropy.uuid().replaceAll("-", "")}`;
}
