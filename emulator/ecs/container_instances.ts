/**
 * Which container instances the service knows, and which of them may connect.
 *
 * @module
 */

import { clusterName, ecsLocation, isArn } from "../../protocol/arn.ts";
import * as v from "@badrap/valita";
import type { ServiceError } from "../http/service_error.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

/** One container instance. */
export interface EmulatedContainerInstance {
  /** Its ARN. */
  readonly containerInstanceArn: string;
  /** `INACTIVE` once it is deregistered. */
  readonly status: "ACTIVE" | "INACTIVE";
}

/** An instance that requests a connection. */
export interface ConnectingInstance {
  /** The cluster, as a name or an ARN. */
  readonly clusterArn: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
}

/** The container instances that the service accepts. */
export interface ContainerInstancesOptions {
  /** The registered ones; `undefined` accepts every well-formed ARN. */
  readonly arns: readonly string[] | undefined;
  /** The only cluster; `undefined` for any. */
  readonly clusterArn: string | undefined;
  /** Where they are kept. */
  readonly state: EmulatorState;
}

const stored: v.Type<EmulatedContainerInstance> = v.object({
  containerInstanceArn: v.string(),
  status: v.union(v.literal("ACTIVE"), v.literal("INACTIVE")),
});

/** The container instances of one emulator. */
export class ContainerInstances {
  readonly #acceptAny: boolean;
  readonly #clusterArn: string | undefined;
  readonly #known: StoredMap<EmulatedContainerInstance>;

  /**
   * Loads the given and the saved instances; the saved status wins.
   *
   * @param options The container instances that the service accepts.
   */
  constructor({ arns, clusterArn, state }: ContainerInstancesOptions) {
    this.#acceptAny = arns === undefined;
    this.#clusterArn = clusterArn;
    this.#known = new StoredMap({
      state,
      kind: "container-instance",
      type: stored,
      keyOf: ({ containerInstanceArn }) => containerInstanceArn,
    });
    for (const arn of arns ?? []) this.connected(arn);
  }

  /** All that were registered or have connected. */
  get all(): readonly EmulatedContainerInstance[] {
    return this.#known.values;
  }

  /** Makes an instance known and active. */
  register(containerInstanceArn: string): void {
    this.#known.set({ containerInstanceArn, status: "ACTIVE" });
  }

  /** Makes an instance inactive. */
  deregister(containerInstanceArn: string): void {
    this.#known.set({ containerInstanceArn, status: "INACTIVE" });
  }

  /** Records an instance that was accepted. */
  connected(containerInstanceArn: string): void {
    if (this.#known.get(containerInstanceArn) === undefined) this.register(containerInstanceArn);
  }

  /** Whether an instance is deregistered. */
  isInactive(containerInstanceArn: string): boolean {
    return this.#known.get(containerInstanceArn)?.status === "INACTIVE";
  }

  /** The refusal of an instance; `undefined` if it may connect. */
  check({ clusterArn, containerInstanceArn }: ConnectingInstance): ServiceError | undefined {
    if (!this.#serves(clusterArn)) {
      return refusal("InvalidClusterException", "The cluster does not exist");
    }
    if (!belongs(containerInstanceArn, this.#clusterArn ?? clusterArn)) {
      return refusal(
        "InvalidInstanceException",
        "The container instance belongs to another account, region or cluster",
      );
    }
    const { status } = this.#known.get(containerInstanceArn) ?? {};
    if (status === "INACTIVE") {
      return refusal("InactiveInstanceException", "The container instance is inactive");
    }
    if (status === "ACTIVE" || this.#acceptAny) return undefined;
    return refusal(
      "InvalidInstanceException",
      "The container instance is not registered with this cluster",
    );
  }

  /** An agent may name its cluster by name or by ARN. */
  #serves(cluster: string): boolean {
    const served = this.#clusterArn;
    return served === undefined || cluster === served || cluster === clusterName(served);
  }
}

function refusal(exception: string, message: string): ServiceError {
  return { status: 400, exception, message };
}

/**
 * Whether an instance can be in a cluster: same partition, region and account, and, in the longer
 * form of ARN that names it, the same cluster. If the cluster is given by name, only the name is
 * compared.
 */
function belongs(containerInstanceArn: string, cluster: string): boolean {
  const instance = ecsLocation(containerInstanceArn);
  if (instance.cluster !== undefined && instance.cluster !== clusterName(cluster)) return false;
  return !isArn(cluster) || instance.account === ecsLocation(cluster).account;
}
