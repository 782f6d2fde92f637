/**
 * The service of a simulation: the emulator without its sockets. Requests are answered by the
 * emulator's own checks; connections are those of its hub.
 *
 * @module
 */

import { CLUSTER_ARN, CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { resolveOptions } from "../../emulator/resolve_options.ts";
import { EmulatorService } from "../../emulator/emulator_service.ts";
import {
  apiErrorBody,
  type ServiceError,
  upgradeErrorBody,
} from "../../emulator/http/service_error.ts";
import type { EmulatorCredentials } from "../../emulator/emulator_credentials.ts";
import { checkSignature } from "../../emulator/http/sigv4.ts";
import { parseUpgradeQuery, type UpgradeQuery } from "../../emulator/http/upgrade_query.ts";
import { EmulatorState } from "../../emulator/state/emulator_state.ts";
import { NO_STORE } from "../../emulator/state/state_store.ts";
import type { Link } from "./link.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** The region of the simulation. */
export const REGION = "us-west-2";

/** The host of the ECS API. */
export const ECS_HOST = "ecs.simulated";

/** How many container instances the service knows. */
export const MOST_INSTANCES = 5;

/** In one of seven simulations the service ends connections late: never because of their age. */
const isPatient = (seed: number) => seed % 7 === 4;

/** A patient service ends a connection after as many heartbeats without an answer. */
const MANY_HEARTBEATS = 10;

/** The ARN of a container instance; 0 for the one that the faults happen to. */
export function arnOfInstance(number: number): string {
  return number === 0 ? CONTAINER_INSTANCE_ARN : `${CONTAINER_INSTANCE_ARN}${number}`;
}

/** A request as it arrives. */
export interface SimulatedRequest {
  readonly method: "GET" | "POST";
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer to a request. */
export interface SimulatedAnswer {
  readonly status: number;
  readonly body: string;
  /** The `Date` header, in ms since the epoch. */
  readonly date: number;
}

/** How the service misbehaves; each is undone by its default. */
export interface ServiceConditions {
  /** The refusal of every upgrade. */
  upgradeRefusal: ServiceError | undefined;
  /** A proxy's answer to every upgrade. */
  upgradePage: { readonly status: number; readonly body: string } | undefined;
  /** The refusal of every DiscoverPollEndpoint. */
  discoverRefusal: ServiceError | undefined;
  /** What ECS answers instead of an endpoint. */
  discoverPage: string | undefined;
  /** Whether requests are not answered. */
  hangs: boolean;
  /** The code with which every accepted connection is closed immediately. */
  closesAtOnce: number | undefined;
}

/** A service without faults. */
export function calmService(): ServiceConditions {
  return {
    upgradeRefusal: undefined,
    upgradePage: undefined,
    discoverRefusal: undefined,
    discoverPage: undefined,
    hangs: false,
    closesAtOnce: undefined,
  };
}

/** The emulated service. */
export class SimulatedService {
  readonly emulator: EmulatorService;
  readonly conditions: ServiceConditions = calmService();
  /** The number of the host that serves ACS; it moves. */
  hostNumber = 1;
  readonly #time: VirtualTime;

  constructor(time: VirtualTime, seed: number, credentials: EmulatorCredentials) {
    this.#time = time;
    const options = resolveOptions({
      credentials,
      region: REGION,
      clusterArn: CLUSTER_ARN,
      containerInstances: Array.from({ length: MOST_INSTANCES }, (_, each) => arnOfInstance(each)),
      now: () => time.now,
      seed,
      historyLimit: 200,
      ...(isPatient(seed) && { maxConnectionMs: 0, missedHeartbeatLimit: MANY_HEARTBEATS }),
    });
    const state = new EmulatorState(NO_STORE);
    this.emulator = new EmulatorService({ options, state, url: `https://${ECS_HOST}/` });
  }

  /** The host that serves ACS now. */
  get acsHost(): string {
    return `acs-${this.hostNumber}.simulated`;
  }

  /** The tasks that the service wants to run on an instance, the oldest first. */
  runningTasks(containerInstanceArn: string): string[] {
    return this.emulator.tasks.records
      .filter((task) =>
        task.desiredStatus === "RUNNING" && task.containerInstanceArn === containerInstanceArn
      )
      .map(({ taskArn }) => taskArn);
  }

  /** Answers a DiscoverPollEndpoint; `undefined` for no answer. */
  async discover(request: SimulatedRequest): Promise<SimulatedAnswer | undefined> {
    const { discoverRefusal, discoverPage, hangs } = this.conditions;
    if (hangs) return undefined;
    if (discoverPage !== undefined) return this.#answer(200, discoverPage);
    const refusal = discoverRefusal ?? await this.#unsigned(request, 400);
    if (refusal !== undefined) return this.#answer(refusal.status, apiErrorBody(refusal));
    this.emulator.discoverCount += 1;
    return this.#answer(200, JSON.stringify({ endpoint: `https://${this.acsHost}/` }));
  }

  /** Answers an upgrade: the query of an accepted one, or the refusal; `undefined` for no answer. */
  async upgrade(
    request: SimulatedRequest,
  ): Promise<{ readonly query: UpgradeQuery } | SimulatedAnswer | undefined> {
    const { upgradeRefusal, upgradePage, hangs } = this.conditions;
    if (hangs) return undefined;
    if (upgradePage !== undefined) {
      // Some proxies print the request on their error page.
      const { status, body } = upgradePage;
      return this.#answer(status, body === "echo" ? JSON.stringify(request.headers) : body);
    }
    if (upgradeRefusal !== undefined) return this.#refuse(upgradeRefusal);
    const unsigned = await this.#unsigned(request, 403);
    if (unsigned !== undefined) {
      return this.#refuse({ ...unsigned, exception: "AccessDeniedException" });
    }
    const parsed = parseUpgradeQuery(request.target.split("?")[1] ?? "");
    if ("exception" in parsed) return this.#refuse(parsed);
    const refused = this.emulator.instances.check(parsed);
    return refused === undefined ? { query: parsed } : this.#refuse(refused);
  }

  /** Takes over an accepted connection. */
  accept(link: Link, query: UpgradeQuery): void {
    const { emulator, conditions } = this;
    emulator.hub.connect({
      webSocket: link.server,
      socket: link.stream,
      reset: () => link.cut("ECONNRESET"),
      query,
      faults: [],
      faulted: () => {},
    });
    const { closesAtOnce } = conditions;
    if (closesAtOnce === undefined) return;
    emulator.hub.find(query.containerInstanceArn)?.close(closesAtOnce, "");
  }

  #refuse(refusal: ServiceError): SimulatedAnswer {
    return this.#answer(refusal.status, upgradeErrorBody(refusal, true));
  }

  #answer(status: number, body: string): SimulatedAnswer {
    return { status, body, date: this.#time.now };
  }

  async #unsigned(request: SimulatedRequest, status: number): Promise<ServiceError | undefined> {
    const headers = new Map([...Object.entries(request.headers), ["host", request.host]]);
    const body = new TextEncoder().encode(request.body);
    const { method, target } = request;
    const error = await checkSignature(
      { method, target, headers, body },
      this.emulator.expectations,
    );
    return error && { status, ...error };
  }
}
