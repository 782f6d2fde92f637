/**
 * The container instances that the service knows, and which of them may connect.
 *
 * @module
 */

import { clusterName, ecsLocation, isArn } from "../../protocol/arn.ts";
import * as v from "@badrap/valita";
import type { ApiInput } from "../api/api_operation.ts";
import { inputProblem } from "../api/input_check.ts";
import type { ServiceError } from "../http/service_error.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

/** The status of a container instance. */
export type InstanceStatus = "ACTIVE" | "DRAINING" | "INACTIVE";

/** One container instance. */
export interface EmulatedContainerInstance {
  /** Its ARN. */
  readonly containerInstanceArn: string;
  /** `DRAINING` if it gets no new tasks, `INACTIVE` once it is deregistered. */
  readonly status: InstanceStatus;
}

/** The data with which an agent registers its container instance. */
export type InstanceRegistration = Omit<ApiInput<"RegisterContainerInstance">, "tags"> & {
  /** The same for all attempts of one registration. It is not in the public model. */
  readonly clientToken?: string;
};

/** The versions that an agent sends when it connects. */
export interface AgentVersions {
  /** The agent's version. */
  readonly agentVersion: string;
  /** The commit hash that it was built from. */
  readonly agentHash: string;
  /** Its container runtime, such as `DockerVersion: 25.0.6`; `undefined` if the agent did not send it. */
  readonly dockerVersion?: string | undefined;
}

/** A container instance with all known data. */
export interface InstanceRecord extends EmulatedContainerInstance {
  /** The name of its cluster. */
  readonly cluster: string;
  /** Grows with each change. */
  readonly version: number;
  /** When it was registered, in ms since the epoch. */
  readonly registeredAt: number;
  /** Whether the emulator was given its ARN in advance. */
  readonly isGiven?: boolean | undefined;
  /**
   * The resources and attributes that its agent registered; `undefined` if it connected without
   * registering.
   */
  readonly registration?: InstanceRegistration | undefined;
  /**
   * The versions of the agent that connected most recently; `undefined` before the first
   * connection.
   */
  readonly versions?: AgentVersions | undefined;
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
  /** Whether an instance that has not been registered is refused. */
  readonly requireRegistration: boolean;
  /** The current time, in ms since the epoch. */
  readonly now: () => number;
  /** Where they are kept. */
  readonly state: EmulatorState;
}

function isRegistration(value: unknown): value is InstanceRegistration {
  return value !== null && inputProblem("RegisterContainerInstance", value) === undefined;
}

const common = {
  containerInstanceArn: v.string(),
  status: v.union(v.literal("ACTIVE"), v.literal("DRAINING"), v.literal("INACTIVE")),
};

const current = v.object({
  ...common,
  cluster: v.string(),
  version: v.number(),
  registeredAt: v.number(),
  isGiven: v.boolean().optional(),
  registration: v.unknown().assert(isRegistration, "is not a registration").optional(),
  versions: v.object({
    agentVersion: v.string(),
    agentHash: v.string(),
    dockerVersion: v.string().optional(),
  }).optional(),
});

const layout1 = v.object(common).map((saved): InstanceRecord => ({
  ...saved,
  cluster: clusterIn(saved.containerInstanceArn),
  version: 1,
  registeredAt: Date.now(),
}));

/** Reads a saved instance, including one of layout 1. */
const stored: v.Type<InstanceRecord> = v.union(current, layout1);

/** The container instances of one emulator. */
export class ContainerInstances {
  readonly #acceptAny: boolean;
  readonly #clusterArn: string | undefined;
  readonly #now: () => number;
  readonly #known: StoredMap<InstanceRecord>;

  /**
   * Loads the given and the saved instances; the saved status wins.
   *
   * @param options The container instances that the service accepts.
   */
  constructor({ arns, clusterArn, requireRegistration, now, state }: ContainerInstancesOptions) {
    this.#acceptAny = arns === undefined && !requireRegistration;
    this.#clusterArn = clusterArn;
    this.#now = now;
    this.#known = new StoredMap({
      state,
      kind: "container-instance",
      type: stored,
      keyOf: ({ containerInstanceArn }) => containerInstanceArn,
    });
    for (const arn of arns ?? []) {
      this.connected(arn, clusterArn);
      const given = this.#known.get(arn);
      if (given !== undefined && !given.isGiven) this.#known.set({ ...given, isGiven: true });
    }
  }

  /** All that were registered or have connected. */
  get all(): readonly EmulatedContainerInstance[] {
    return this.#known.values.map(({ containerInstanceArn, status }) => ({
      containerInstanceArn,
      status,
    }));
  }

  /** All instances with all known data, in the order in which they became known. */
  get records(): readonly InstanceRecord[] {
    return this.#known.values;
  }

  /** One instance, if it is known. */
  get(containerInstanceArn: string): InstanceRecord | undefined {
    return this.#known.get(containerInstanceArn);
  }

  /** Stores an instance, replacing any earlier version. */
  set(instance: InstanceRecord): void {
    this.#known.set(instance);
  }

  /** Makes an instance known and active. */
  register(containerInstanceArn: string): void {
    this.#setStatus(containerInstanceArn, "ACTIVE");
  }

  /** Makes an instance inactive. */
  deregister(containerInstanceArn: string): void {
    this.#setStatus(containerInstanceArn, "INACTIVE");
  }

  /**
   * Records an instance that was accepted.
   *
   * @param containerInstanceArn The instance.
   * @param cluster The cluster that its agent names, by name or ARN; by default, that of the ARN.
   * @param versions The versions of its agent.
   */
  connected(
    containerInstanceArn: string,
    cluster: string | undefined,
    versions?: AgentVersions,
  ): void {
    const known = this.#known.get(containerInstanceArn);
    if (known !== undefined && (versions === undefined || isSame(versions, known.versions))) return;
    const named = cluster === undefined ? clusterIn(containerInstanceArn) : clusterName(cluster);
    const record = known ?? this.#newRecord(containerInstanceArn, named);
    this.#known.set({ ...record, ...(versions !== undefined && { versions }) });
  }

  /** Whether an instance is deregistered. */
  isInactive(containerInstanceArn: string): boolean {
    return this.#known.get(containerInstanceArn)?.status === "INACTIVE";
  }

  #setStatus(containerInstanceArn: string, status: InstanceStatus): void {
    const known = this.#known.get(containerInstanceArn) ??
      this.#newRecord(
        containerInstanceArn,
        clusterName(this.#clusterArn ?? clusterIn(containerInstanceArn)),
      );
    this.#known.set({ ...known, status, version: known.version + 1 });
  }

  #newRecord(containerInstanceArn: string, cluster: string): InstanceRecord {
    return {
      containerInstanceArn,
      status: "ACTIVE",
      cluster,
      version: 1,
      registeredAt: this.#now(),
    };
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
    if (status !== undefined || this.#acceptAny) return undefined;
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

function isSame(one: AgentVersions, other: AgentVersions | undefined): boolean {
  return one.agentVersion === other?.agentVersion && one.agentHash === other.agentHash &&
    one.dockerVersion === other.dockerVersion;
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

/** The name of the cluster in an instance's ARN; the longer form of ARNs has it. */
function clusterIn(containerInstanceArn: string): string {
  return ecsLocation(containerInstanceArn).cluster ?? "default";
}
