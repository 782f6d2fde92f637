/**
 * The credentials that agents sign with.
 *
 * @module
 */

/** The credentials that the emulator accepts. */
export interface EmulatorCredentials {
  /** The key's id. */
  readonly accessKeyId: string;
  /** The key. */
  readonly secretAccessKey: string;
  /** The token of temporary credentials, which every request must send. */
  readonly sessionToken?: string;
}

/**
 * The default credentials: the example key of the AWS documentation, which does not give access to
 * anything.
 */
export const EXAMPLE_CREDENTIALS: EmulatorCredentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
