import { helpFor } from "../../../failures/failure_help.ts";
import { MIN_CLOCK_SKEW_MS } from "../../../wsclient/signing/clock_skew.ts";
import { type CheckContext, type CheckOutcome, outcomeOf, passed, skipped } from "../check.ts";
import { formatDuration } from "../../duration.ts";

/** AWS accepts signatures by a clock that is off by so much, in ms. */
const ACCEPTED_SKEW_MS = 300_000;

const MINUTE_MS = 60_000;

/** Answers show whole seconds, in ms. */
const PRECISION_MS = 2_000;

/** Whether the clock is right, by the date in the answer of ECS. */
export function checkClock({ facts: { clockSkewMs } }: CheckContext): CheckOutcome {
  if (clockSkewMs === undefined) return skipped("no answer of ECS shows the time");
  const skewMs = Math.abs(clockSkewMs);
  const skew = formatDuration(
    skewMs < MINUTE_MS ? skewMs : Math.round(skewMs / MINUTE_MS) * MINUTE_MS,
  );
  if (Math.abs(clockSkewMs) <= PRECISION_MS) return passed("agrees with AWS");
  const detail = `${skew} ${clockSkewMs > 0 ? "behind" : "ahead of"} AWS`;
  if (Math.abs(clockSkewMs) < MIN_CLOCK_SKEW_MS) return passed(detail);
  const status = Math.abs(clockSkewMs) <= ACCEPTED_SKEW_MS ? "warning" : "failed";
  return outcomeOf(status, helpFor("ACS-K01", { skew }), detail);
}
