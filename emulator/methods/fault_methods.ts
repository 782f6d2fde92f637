/**
 * The methods of an emulator that inject faults.
 *
 * @module
 */

import { CONNECTION_EXPIRED } from "../../protocol/close.ts";
import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";
import type { ClearFaultsOptions, Fault, InjectFaultOptions } from "../faults/fault.ts";
import type { FaultInjector } from "../faults/fault_injector.ts";
import type { NextOptions, RefuseOptions, RefuseUpgradeOptions } from "../faults/fault_options.ts";

/** Injects faults, and ends them. */
export interface FaultMethods {
  /**
   * Injects a fault into the next requests, the open connections, or the next connections.
   *
   * A request fault hits the next request, or the next `next` requests. A connection fault hits the
   * open connections now or, with `next`, the next `next` connections.
   *
   * @param fault The fault.
   * @param options Which instance it hits, and how often.
   * @returns The fault's id, for `clearFaults`.
   * @throws {TypeError} If it is not a fault, naming the field that is unknown, missing or of the
   * wrong type.
   * @throws {RangeError} If one of its values, or `next`, is out of range, or an option is unknown.
   */
  injectFault(fault: Fault, options?: InjectFaultOptions): string;

  /**
   * Cancels pending faults, and ends lasting ones: slowRead, fragment, delay, duplicate and
   * reorder. Messages that these held back are sent immediately.
   *
   * @param options The instance or the fault to clear; all by default.
   * @throws {RangeError} If no fault has ever had the id, or an option is unknown.
   */
  clearFaults(options?: ClearFaultsOptions): void;

  /**
   * Closes all open connections with a close frame.
   *
   * @param code The frame's code. Default 1000.
   * @param reason The frame's reason, at most 123 bytes of UTF-8. Default: the service's own, on a
   * connection that has reached its maximum age.
   */
  closeConnections(code?: number, reason?: string): void;

  /** Ends the TCP streams of all connections (FIN), without a close frame. */
  endConnections(): void;

  /** Resets the TCP streams of all connections (RST). */
  resetConnections(): void;

  /**
   * Stops reading from and writing to all connections, and leaves their sockets open.
   * Unacknowledged messages are resent over the next connection.
   */
  stallConnections(): void;

  /** Refuses the next upgrades, valid or not. */
  refuseNextUpgrade(options?: RefuseUpgradeOptions): void;

  /** Never answers the next upgrades. */
  hangNextUpgrade(options?: NextOptions): void;

  /** Answers the next calls to DiscoverPollEndpoint with an error, or with a given body. */
  refuseNextDiscover(options?: RefuseOptions): void;

  /** Never answers the next calls to DiscoverPollEndpoint. */
  hangNextDiscover(options?: NextOptions): void;
}

/** Creates the methods, which act on a fault injector. */
export function faultMethods(faults: FaultInjector): FaultMethods {
  const inject = (fault: Fault, options: InjectFaultOptions = {}) => {
    checkOptionNames(options, INJECT_NAMES, "");
    return faults.inject(fault, options);
  };
  return {
    injectFault: inject,
    clearFaults(options = {}) {
      checkOptionNames(options, CLEAR_NAMES, "");
      faults.clear(options);
    },
    closeConnections: (code = 1000, reason = CONNECTION_EXPIRED) =>
      inject({ at: "connection", action: "close", code, reason }),
    endConnections: () => inject({ at: "connection", action: "end" }),
    resetConnections: () => inject({ at: "connection", action: "reset" }),
    stallConnections: () => inject({ at: "connection", action: "stall" }),
    refuseNextUpgrade: ({ next = 1, ...refusal } = {}) =>
      inject({ at: "upgrade", action: "refuse", ...refusal }, { next }),
    hangNextUpgrade: ({ next = 1, ...rest } = {}) =>
      inject({ at: "upgrade", action: "hang", ...rest }, { next }),
    refuseNextDiscover: ({ next = 1, ...refusal } = {}) =>
      inject({ at: "discover", action: "refuse", ...refusal }, { next }),
    hangNextDiscover: ({ next = 1, ...rest } = {}) =>
      inject({ at: "discover", action: "hang", ...rest }, { next }),
  };
}

const INJECT_NAMES: OptionNames<InjectFaultOptions> = { containerInstanceArn: true, next: true };
const CLEAR_NAMES: OptionNames<ClearFaultsOptions> = { containerInstanceArn: true, id: true };
