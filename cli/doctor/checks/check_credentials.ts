import { helpFor } from "../../../failures/failure_help.ts";
import { safeGet } from "../../../internal/safe_get.ts";
import { abortable, timeLimit } from "../../../internal/time_limit.ts";
import {
  checkCredentials as parseCredentials,
  CredentialsError,
} from "../../../wsclient/signing/credentials.ts";
import type { AwsCredentialIdentityProvider } from "../../../wsclient/signing/credentials.ts";
import { type CheckContext, type CheckOutcome, failed, outcomeOf, passed } from "../check.ts";
import { formatDuration } from "../../duration.ts";

/** Keys with less time left are a warning, in ms. */
const SOON_MS = 900_000;

/** The AWS SDK's names for the sources of keys. */
const SOURCES: ReadonlyMap<string, string> = new Map([
  ["CREDENTIALS_ENV_VARS", "environment"],
  ["CREDENTIALS_CODE", "environment"],
  ["CREDENTIALS_HTTP", "container role"],
  ["CREDENTIALS_IMDS", "instance role"],
  ["CREDENTIALS_PROCESS", "credential_process"],
  ["CREDENTIALS_SSO", "SSO session"],
  ["CREDENTIALS_SSO_LEGACY", "SSO session"],
  ["CREDENTIALS_STS_ASSUME_ROLE", "assumed role"],
  ["CREDENTIALS_STS_ASSUME_ROLE_WEB_ID", "web identity"],
  ["CREDENTIALS_PROFILE", "profile"],
]);

/**
 * Checks that there are keys to sign with, and reports their source and expiration.
 *
 * @param load Loads the function that returns them.
 */
export async function checkCredentials(
  { timeoutMs }: CheckContext,
  load: () => Promise<AwsCredentialIdentityProvider>,
): Promise<CheckOutcome> {
  const onExpired = () =>
    new CredentialsError(
      "timeout",
      `the source of the credentials did not respond within ${timeoutMs} ms`,
    );
  const limit = timeLimit(timeoutMs, onExpired);
  try {
    const provider = await load();
    const given: unknown = typeof provider === "function"
      ? await abortable(Promise.resolve(provider()), limit.signal)
      : provider;
    const credentials = parseCredentials(given);
    const { accessKeyId, expiration } = credentials;
    const leftMs = expiration === undefined ? Infinity : expiration.getTime() - Date.now();
    const what = [`…${accessKeyId.slice(-4)}`, sourceOf(given)].filter(Boolean).join(", ");
    if (leftMs <= 0) {
      return {
        ...outcomeOf("failed", helpFor("ACS-A03"), `${what}, expired`),
        facts: { credentials },
      };
    }
    if (leftMs === Infinity) return passed(what, { credentials });
    const detail = `${what}, ${formatDuration(leftMs)} left`;
    return { status: leftMs < SOON_MS ? "warning" : "passed", detail, facts: { credentials } };
  } catch (error) {
    return failed(error);
  } finally {
    limit.clear();
  }
}

/** The source of the AWS SDK's keys, in a few words; the innermost source comes first. */
function sourceOf(given: unknown): string | undefined {
  const features = safeGet(given, "$source");
  if (typeof features !== "object" || features === null) return undefined;
  return Object.keys(features).map((name) => SOURCES.get(name)).find((words) =>
    words !== undefined
  );
}
