import { helpFor } from "../../../failures/failure_help.ts";
import { MIN_CLOCK_SKEW_MS } from "../../../wsclient/signing/clock_skew.ts";
import { type CheckContext, type CheckOutcome, outcomeOf, passed, skipped } from "../check.ts";
import { formatDuration } from "../../duration.ts";

/** The clock difference that AWS accepts in signatures, in ms. */
const ACCEPTED_SKEW_MS = 300_000;

const MINUTE_MS = 60_000;

/** The precision of the time in answers: whole seconds, in ms. */
const PRECISION_MS = 2_000;

/** Checks the clock against the date in the answer from ECS. */
export function checkClock({ facts: { clockSkewMs } }: CheckContext): CheckOutcome {
  if (clockSkewMs === undefined) return skipped("no answer from ECS shows the time");
  const skewMs = Math.abs(clockSkewMs);
  const skew = formatDuration(
    skewMs < MINUTE_MS ? skewMs : Math.round(skewMs / MINUTE_MS) * MINUTE_MS,
  );
  if (Math.abs(clockSkewMs) <= PRECISION_MS) return passed("agrees with AWS");
  const direction = clockSkewMs > 0 ? "behind" : "ahead of";
  const detail = `${skew} ${direction} AWS`;
  if (Math.abs(clockSkewMs) < MIN_CLOCK_SKEW_MS) return passed(detail);
  const status = Math.abs(clockSkewMs) <= ACCEPTED_SKEW_MS ? "warning" : "failed";
  return outcomeOf(status, helpFor("ACS-K01", { skew: `is ${skew} ${direction} AWS's` }), detail);
}
