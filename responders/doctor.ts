/**
 * The container instance's health checks, run whenever the service sends a heartbeat.
 *
 * @module
 */

/** One health check of the container instance. */
export interface Healthcheck {
  /** The subject of the check, such as `"ContainerRuntime"`. */
  readonly type: string;
  /**
   * Runs the check.
   *
   * @returns Whether the check passed. Throwing counts as failed.
   */
  runCheck(): boolean | Promise<boolean>;
}

/** The result of the last run of one check. */
export interface HealthcheckResult {
  /** The check's type. */
  readonly type: string;
  /** Whether it passed. */
  readonly ok: boolean;
  /** When the check ended, in ms since the epoch. */
  readonly checkedAt: number;
  /** The value that the check threw, if it threw. */
  readonly error?: unknown;
}

/** Runs the health checks and remembers their last results. */
export class Doctor {
  readonly #healthchecks: Healthcheck[];
  #results: HealthcheckResult[] = [];
  #running: Promise<boolean> | undefined;

  /**
   * Creates a doctor with the given checks.
   *
   * @param healthchecks The first checks; none by default.
   */
  constructor(healthchecks: readonly Healthcheck[] = []) {
    this.#healthchecks = [...healthchecks];
  }

  /** Whether there is anything to check. */
  get hasHealthchecks(): boolean {
    return this.#healthchecks.length > 0;
  }

  /** The results of the last run, one for each check that has run. */
  get results(): HealthcheckResult[] {
    return [...this.#results];
  }

  /** Adds a check. */
  addHealthcheck(healthcheck: Healthcheck): void {
    this.#healthchecks.push(healthcheck);
  }

  /**
   * Runs all checks in parallel. A call during a run joins it, so that a slow check is not started
   * once per heartbeat.
   *
   * @returns Whether all checks passed.
   */
  runHealthchecks(): Promise<boolean> {
    this.#running ??= this.#run().finally(() => this.#running = undefined);
    return this.#running;
  }

  async #run(): Promise<boolean> {
    this.#results = await Promise.all(this.#healthchecks.map(runOne));
    return this.#results.every(({ ok }) => ok);
  }
}

async function runOne(healthcheck: Healthcheck): Promise<HealthcheckResult> {
  const { type } = healthcheck;
  try {
    const ok: unknown = await healthcheck.runCheck();
    return { type, ok: Boolean(ok), checkedAt: Date.now() };
  } catch (error) {
    return { type, ok: false, checkedAt: Date.now(), error };
  }
}
