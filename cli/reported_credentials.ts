/**
 * Credentials that are reported to the user: while they are awaited, and which ones they are.
 *
 * @module
 */

import type { AwsCredentialIdentity } from "../wsclient/signing/credentials.ts";
import type { CredentialsFunction } from "./remembered_credentials.ts";

/** Wraps a credentials function. */
export class ReportedCredentials {
  readonly #report: (keys: AwsCredentialIdentity) => void;
  #knownKeyId: string | undefined;
  #pendingSince: number | undefined;

  /**
   * Has requested nothing yet.
   *
   * @param report Called with credentials whose key differs from the one before.
   */
  constructor(report: (keys: AwsCredentialIdentity) => void) {
    this.#report = report;
  }

  /** When the request in progress began, in ms since the epoch, if there is one. */
  get pendingSince(): number | undefined {
    return this.#pendingSince;
  }

  /** The same function, reported. */
  wrap(provide: CredentialsFunction): CredentialsFunction {
    return async (properties) => {
      this.#pendingSince = Date.now();
      try {
        const keys = await provide(properties);
        if (keys.accessKeyId !== this.#knownKeyId) this.#report(keys);
        this.#knownKeyId = keys.accessKeyId;
        return keys;
      } finally {
        this.#pendingSince = undefined;
      }
    };
  }
}

/** The part of an access key's id that identifies it to its owner. */
export function shortKeyId(id: string): string {
  return id.length < 12 ? `…${id.slice(-4)}` : `${id.slice(0, 4)}…${id.slice(-4)}`;
}
