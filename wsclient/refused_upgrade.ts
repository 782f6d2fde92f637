/**
 * Converts the answer to a refused upgrade into an error that explains it.
 *
 * @module
 */

import { ClockSkew, clockSkewOf } from "./signing/clock_skew.ts";
import { decodeMessage } from "../protocol/decode.ts";
import {
  type UpgradeRefusal,
  upgradeRefusalOf,
  UpgradeRefusedError,
} from "./upgrade_refused_error.ts";
import { hasName, safeText } from "../internal/safe_get.ts";
import { oneLine } from "../internal/one_line.ts";
import { redact } from "../internal/redaction/redact.ts";
import { redactBody } from "../internal/redaction/redact_body.ts";
import { ServiceException } from "./service_exception.ts";
import { INACTIVE_INSTANCE_EXCEPTION, isServiceExceptionName } from "../protocol/exceptions.ts";

/** How much of a body that cannot be decoded is quoted in the error's message, in characters. */
const BODY_START_LENGTH = 200;

/** Maximum length of a service exception's text, in characters. Our choice; it is a sentence. */
const TEXT_LENGTH = 1000;

/**
 * Explains a refused upgrade.
 *
 * @param refusal The peer's answer.
 * @param secrets Texts of the request that the answer may echo and that must not be shown.
 * @param clockSkew The correction with which the request was signed. Default: none.
 * @param cluster The cluster that was sent.
 * @returns A {@linkcode ServiceException} if the body names one, in framed or bare form; otherwise
 * an {@linkcode UpgradeRefusedError} with host, status and the body's start.
 */
export function explainRefusal(
  refusal: UpgradeRefusal,
  secrets: readonly string[],
  clockSkew: ClockSkew = new ClockSkew(),
  cluster?: string,
): ServiceException | UpgradeRefusedError {
  const clockSkewMs = clockSkewOf(refusal.serverDate);
  const { host, status } = refusal;
  const decoded = decodeMessage(refusal.body);
  if (decoded.kind === "message" && isServiceExceptionName(decoded.type)) {
    const text = oneLine(redact(messageText(decoded.message), secrets), TEXT_LENGTH);
    const finding = clockSkew.assess(clockSkewMs);
    // Possibly denied because of the clock: the next attempt is signed for another time.
    const retryable = finding.corrects && decoded.type === "AccessDeniedException";
    return new ServiceException(decoded.type, text, {
      host,
      status,
      clockSkewMs,
      cluster,
      clockWords: finding.words,
      ...(retryable ? { retryable } : {}),
    });
  }
  const safeBody = redactBody(status, refusal.body, secrets);
  // The text after a secret is lost, but not the exception's name, which makes a session wait for
  // an hour.
  const isInactive = refusal.body.includes(INACTIVE_INSTANCE_EXCEPTION) &&
    !safeBody.includes(INACTIVE_INSTANCE_EXCEPTION);
  const body = isInactive ? `${safeBody} ${INACTIVE_INSTANCE_EXCEPTION}` : safeBody;
  return new UpgradeRefusedError({ ...refusal, body }, {
    bodyStart: oneLine(body, BODY_START_LENGTH),
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
  });
}

/** Whether an error says, in any form, that the container instance is deregistered. */
export function namesInactiveInstance(error: unknown): boolean {
  const refusal = upgradeRefusalOf(error);
  if (refusal !== undefined) return refusal.body.includes(INACTIVE_INSTANCE_EXCEPTION);
  if (hasName(error, INACTIVE_INSTANCE_EXCEPTION)) return true;
  return safeText(error, "message")?.includes(INACTIVE_INSTANCE_EXCEPTION) ?? false;
}

function messageText(message: object): string {
  return "message" in message && typeof message.message === "string" ? message.message : "";
}
