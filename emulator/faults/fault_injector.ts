/**
 * The faults of one emulator: keeps them until a request or a connection, or passes them to the
 * open connections.
 *
 * @module
 */

import { oneLine } from "../../internal/one_line.ts";
import type { FaultDetail } from "../events.ts";
import { checkFault, checkNext } from "./check_fault.ts";
import type { ConnectionFault, FaultedService } from "./connection_fault.ts";
import type { CurrentFaults } from "./fault_runner.ts";
import type {
  ApiFault,
  ClearFaultsOptions,
  DiscoverFault,
  Fault,
  InjectFaultOptions,
  UpgradeFault,
} from "./fault.ts";

/** A connection that can be hit. */
export interface FaultableConnection {
  /** Its number among the connections of its service. */
  readonly id: number;
  /** The service it belongs to. */
  readonly service: FaultedService;
  /** Its container instance's ARN. */
  readonly containerInstanceArn: string;
  /** Its lasting faults, and those still waiting for their `afterMs`. */
  readonly currentFaults: CurrentFaults;
  /** Applies a fault to it. */
  inject(fault: ConnectionFault): void;
  /** Cancels its pending faults and ends its lasting ones, if they match. */
  clearFaults(matches: (fault: ConnectionFault) => boolean): void;
}

/** Callbacks to the emulator. */
export interface FaultInjectorOptions {
  /** The connections that have not ended. */
  readonly openConnections: () => readonly FaultableConnection[];
  /** Called for each fault that hits a request. */
  readonly onFault: (detail: FaultDetail) => void;
}

/** A fault that waits for matching requests or connections. */
export interface WaitingFault {
  /** The id that {@linkcode FaultInjector.inject} returned. */
  readonly id: string;
  /** The fault. */
  readonly fault: Fault;
  /** The container instance that it is limited to; `undefined` for any. */
  readonly containerInstanceArn: string | undefined;
  /** Number of requests or connections that it still applies to. */
  readonly left: number;
}

/** A fault on an open connection. */
export interface ActiveFault {
  /** The id that {@linkcode FaultInjector.inject} returned. */
  readonly id: string;
  /** The fault. */
  readonly fault: ConnectionFault;
  /** The connection's container instance. */
  readonly containerInstanceArn: string;
  /** The connection's number. */
  readonly connectionId: number;
  /** Whether it has not taken effect yet because of its `afterMs`. */
  readonly scheduled: boolean;
}

interface Waiting<T> {
  readonly fault: T;
  readonly containerInstanceArn: string | undefined;
  left: number;
}

/** All faults of one emulator. */
export class FaultInjector {
  readonly #options: FaultInjectorOptions;
  #api: Waiting<ApiFault>[] = [];
  #discover: Waiting<DiscoverFault>[] = [];
  #upgrade: Waiting<UpgradeFault>[] = [];
  #connection: Waiting<ConnectionFault>[] = [];
  /** The id of each injected fault. */
  readonly #ids = new WeakMap<Fault, string>();
  #count = 0;

  /**
   * Starts without any fault.
   *
   * @param options Callbacks to the emulator.
   */
  constructor(options: FaultInjectorOptions) {
    this.#options = options;
  }

  /** The faults that wait for requests or connections. */
  get waiting(): readonly WaitingFault[] {
    return [...this.#api, ...this.#discover, ...this.#upgrade, ...this.#connection]
      .map((waiting) => ({ id: this.#idOf(waiting.fault), ...waiting }));
  }

  /** The faults on open connections. */
  get active(): readonly ActiveFault[] {
    return this.#options.openConnections().flatMap((connection) => {
      const { id: connectionId, containerInstanceArn, currentFaults } = connection;
      const on = (scheduled: boolean) => (fault: ConnectionFault) => ({
        id: this.#idOf(fault),
        fault,
        containerInstanceArn,
        connectionId,
        scheduled,
      });
      return [
        ...currentFaults.lasting.map(on(false)),
        ...currentFaults.scheduled.map(on(true)),
      ];
    });
  }

  /** Injects a fault.
   *
   * @returns The fault's id, for {@linkcode FaultInjector.clear}.
   * @throws {TypeError} If it is not a fault.
   * @throws {RangeError} If one of its values, or `next`, is out of range.
   */
  inject(given: Fault, { containerInstanceArn, next }: InjectFaultOptions): string {
    checkFault(given);
    if (next !== undefined) checkNext(next);
    const fault = { ...given };
    const id = `fault-${++this.#count}`;
    this.#ids.set(fault, id);
    const waiting = { containerInstanceArn, left: next ?? 1 };
    switch (fault.at) {
      case "api":
        this.#api.push({ ...waiting, fault });
        return id;
      case "discover":
        this.#discover.push({ ...waiting, fault });
        return id;
      case "upgrade":
        this.#upgrade.push({ ...waiting, fault });
        return id;
      case "connection":
        if (next !== undefined) this.#connection.push({ ...waiting, fault });
        else this.#hitOpen(fault, containerInstanceArn);
        return id;
    }
  }

  /**
   * Cancels pending faults, and ends lasting ones. A fault that has ended is not an error.
   *
   * @throws {RangeError} If no fault has ever had the id.
   */
  clear({ containerInstanceArn, id }: ClearFaultsOptions): void {
    if (id !== undefined && !this.#wasGiven(id)) {
      throw new RangeError(`id: no fault has the id ${oneLine(id)}`);
    }
    const matches = (fault: Fault) => id === undefined || this.#idOf(fault) === id;
    const stays = (waiting: Waiting<Fault>) =>
      !matches(waiting.fault) ||
      containerInstanceArn !== undefined && waiting.containerInstanceArn !== containerInstanceArn;
    this.#api = this.#api.filter(stays);
    this.#discover = this.#discover.filter(stays);
    this.#upgrade = this.#upgrade.filter(stays);
    this.#connection = this.#connection.filter(stays);
    for (const connection of this.#options.openConnections()) {
      if (concerns(containerInstanceArn, connection.containerInstanceArn)) {
        connection.clearFaults(matches);
      }
    }
  }

  #wasGiven(id: string): boolean {
    const count = Number(/^fault-([1-9]\d*)$/.exec(id)?.[1]);
    return count <= this.#count;
  }

  #idOf(fault: Fault): string {
    return this.#ids.get(fault) ?? "";
  }

  /** Takes the fault for a call to the ECS API; the ARN is empty if the request has none. */
  takeApi(operation: string, containerInstanceArn: string): ApiFault | undefined {
    return this.#takeFirst(
      this.#api,
      containerInstanceArn,
      (fault) => (fault.operation ?? operation) === operation,
    );
  }

  /** Takes the fault for a DiscoverPollEndpoint; the ARN is empty if the request has none. */
  takeDiscover(containerInstanceArn: string): DiscoverFault | undefined {
    return this.#takeFirst(this.#discover, containerInstanceArn);
  }

  /** Takes the fault for an upgrade; the ARN is empty if the request has none. */
  takeUpgrade(service: FaultedService, containerInstanceArn: string): UpgradeFault | undefined {
    return this.#takeFirst(this.#upgrade, containerInstanceArn, (fault) => isOf(service, fault));
  }

  /** Takes all faults for a new connection. */
  takeConnection(
    service: FaultedService,
    containerInstanceArn: string,
  ): readonly ConnectionFault[] {
    const hits = this.#connection.filter((waiting) =>
      isOf(service, waiting.fault) && concerns(waiting.containerInstanceArn, containerInstanceArn)
    );
    for (const waiting of hits) waiting.left -= 1;
    this.#connection = this.#connection.filter(({ left }) => left > 0);
    return hits.map(({ fault }) => fault);
  }

  #hitOpen(fault: ConnectionFault, containerInstanceArn: string | undefined): void {
    for (const connection of this.#options.openConnections()) {
      const isHit = isOf(connection.service, fault) &&
        concerns(containerInstanceArn, connection.containerInstanceArn);
      if (isHit) connection.inject(fault);
    }
  }

  #takeFirst<T extends Fault>(
    queue: Waiting<T>[],
    containerInstanceArn: string,
    matches: (fault: T) => boolean = () => true,
  ): T | undefined {
    const index = queue.findIndex((waiting) =>
      matches(waiting.fault) && concerns(waiting.containerInstanceArn, containerInstanceArn)
    );
    const waiting = queue[index];
    if (waiting === undefined) return undefined;
    waiting.left -= 1;
    if (waiting.left === 0) queue.splice(index, 1);
    this.#options.onFault({ fault: waiting.fault, containerInstanceArn, connectionId: undefined });
    return waiting.fault;
  }
}

function isOf(service: FaultedService, fault: { readonly service?: FaultedService }): boolean {
  return (fault.service ?? "acs") === service;
}

function concerns(wanted: string | undefined, containerInstanceArn: string): boolean {
  return wanted === undefined || wanted === containerInstanceArn;
}
