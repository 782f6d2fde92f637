/**
 * Which container instances the service knows.
 *
 * @module
 */

import type { ServiceFault } from "../http/service_fault.ts";

/** The registered container instances, or any at all. */
export class ContainerInstances {
  readonly #acceptAny: boolean;
  readonly #active: Set<string>;
  readonly #inactive = new Set<string>();

  /**
   * Starts empty.
   *
   * @param arns The registered ones; `undefined` accepts every well-formed ARN.
   */
  constructor(arns: readonly string[] | undefined) {
    this.#acceptAny = arns === undefined;
    this.#active = new Set(arns);
  }

  /** Makes an instance known and active. */
  register(arn: string): void {
    this.#inactive.delete(arn);
    this.#active.add(arn);
  }

  /** Makes an instance inactive. */
  deregister(arn: string): void {
    this.#active.delete(arn);
    this.#inactive.add(arn);
  }

  /** Why an instance may not connect; `undefined` when it may. */
  check(arn: string): ServiceFault | undefined {
    if (this.#inactive.has(arn)) {
      return {
        status: 400,
        exception: "InactiveInstanceException",
        message: "The container instance is inactive",
      };
    }
    if (this.#acceptAny || this.#active.has(arn)) return undefined;
    return {
      status: 400,
      exception: "InvalidInstanceException",
      message: "The container instance is not registered with this cluster",
    };
  }
}
