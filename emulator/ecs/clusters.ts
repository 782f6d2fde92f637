/**
 * The clusters of the emulated account in its region.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { clusterArn as arnOfCluster, clusterName, ecsLocation } from "../../protocol/arn.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

/** The account of all resources that the emulator creates: the example of the AWS documentation. */
const ACCOUNT_ID = "111122223333";

/** The cluster that exists from the start. */
const DEFAULT_CLUSTER = "default";

/** One cluster. */
export interface Cluster {
  /** Its name. */
  readonly name: string;
  /** `INACTIVE` once it is deleted. */
  readonly status: "ACTIVE" | "INACTIVE";
}

const stored: v.Type<Cluster> = v.object({
  name: v.string(),
  status: v.union(v.literal("ACTIVE"), v.literal("INACTIVE")),
});

/** The parts of the clusters. */
export interface ClustersOptions {
  /** Where they are kept. */
  readonly state: EmulatorState;
  /** The region. */
  readonly region: string;
  /** The only cluster; `undefined` for any. */
  readonly clusterArn: string | undefined;
}

/** The clusters of one emulator. */
export class Clusters {
  /** The beginning of the ARNs of all resources: partition, service, region and account. */
  readonly account: string;
  /** The cluster for calls that name none. */
  readonly defaultName: string;
  /** Whether there is only one cluster. */
  readonly isOnly: boolean;
  readonly #known: StoredMap<Cluster>;

  /**
   * Loads the saved ones; `default`, or the only one, exists in any case.
   *
   * @param options Their parts.
   */
  constructor({ state, region, clusterArn }: ClustersOptions) {
    this.account = clusterArn === undefined
      ? `arn:aws:ecs:${region}:${ACCOUNT_ID}`
      : ecsLocation(clusterArn).account;
    this.defaultName = clusterArn === undefined ? DEFAULT_CLUSTER : clusterName(clusterArn);
    this.isOnly = clusterArn !== undefined;
    this.#known = new StoredMap({
      state,
      kind: "cluster",
      type: stored,
      keyOf: ({ name }) => name,
    });
  }

  /** All clusters, in the order of their creation. */
  get all(): readonly Cluster[] {
    const known = this.#known.values;
    const isSaved = known.some(({ name }) => name === this.defaultName);
    return isSaved ? known : [{ name: this.defaultName, status: "ACTIVE" }, ...known];
  }

  /** A cluster by its name or ARN; the default one for an empty name. */
  find(nameOrArn: string | null | undefined): Cluster | undefined {
    const wanted = nameOrArn ? clusterName(nameOrArn) : this.defaultName;
    return this.all.find(({ name }) => name === wanted);
  }

  /** Creates a cluster, or makes it active again. */
  activate(nameOrArn: string): Cluster {
    const cluster: Cluster = { name: clusterName(nameOrArn), status: "ACTIVE" };
    if (this.find(cluster.name)?.status !== "ACTIVE") this.#known.set(cluster);
    return cluster;
  }

  /** Deletes a cluster; it can still be described. */
  deactivate(name: string): Cluster {
    const cluster: Cluster = { name, status: "INACTIVE" };
    this.#known.set(cluster);
    return cluster;
  }

  /** The ARN of a cluster. */
  arnOf(name: string): string {
    return arnOfCluster(name, this.account);
  }
}
