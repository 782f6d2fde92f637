/**
 * The parts of one session.
 *
 * @module
 */

import type { RequestResponders } from "../responders/request_responders.ts";
import { ClockSkew } from "../wsclient/signing/clock_skew.ts";
import { CredentialSource } from "../wsclient/signing/credential_source.ts";
import { AnswerWatch } from "./answer_watch.ts";
import { boundedRandom } from "./bounded_random.ts";
import { CurrentConnection } from "./current_connection.ts";
import { MessageDispatcher } from "./dispatch/message_dispatcher.ts";
import type { SigningContext } from "./learn_from_refusal.ts";
import type { ResolvedSessionOptions } from "./options.ts";
import { ReconnectPolicy } from "./reconnect_policy.ts";
import type { SessionReporter } from "./reporting/session_reporter.ts";
import { SessionStatus } from "./session_status.ts";

/** State and dependencies shared by all connections of one session. */
export interface SessionContext extends SigningContext {
  /** The session's options. */
  readonly options: ResolvedSessionOptions;
  /** The responders. */
  readonly responders: RequestResponders;
  /** Handles messages. */
  readonly dispatcher: MessageDispatcher;
  /** What the session is doing. */
  readonly status: SessionStatus;
  /** Detects that answers do not arrive. */
  readonly answers: AnswerWatch;
  /** Decides when to connect again. */
  readonly policy: ReconnectPolicy;
  /** The current connection. */
  readonly current: CurrentConnection;
}

/** Creates the parts of one session. */
export function createSessionContext(
  given: ResolvedSessionOptions,
  responders: RequestResponders,
  reporter: SessionReporter,
): SessionContext {
  const random = boundedRandom(given.random);
  const options = random === given.random ? given : { ...given, random };
  const { timing, limits } = options;
  const policy = new ReconnectPolicy(timing, random);
  const answers = new AnswerWatch(timing.idleTimeoutMs + timing.idleJitterMs);
  const clockSkew = new ClockSkew(timing.maxClockSkewMs);
  const current = new CurrentConnection(reporter);
  return {
    options,
    responders,
    reporter,
    policy,
    answers,
    clockSkew,
    current,
    status: new SessionStatus({ timing, reporter, policy, answers }),
    credentials: new CredentialSource(options.credentials, clockOf(clockSkew)),
    dispatcher: new MessageDispatcher({
      timing,
      responders,
      respond: current.respond,
      limits,
      listener: reporter,
      onCaughtUp: (lane) => current.leave(`LaneOverflow: ${lane}`, { kind: "lane-overflow", lane }),
    }),
  };
}

/** A credentials function that never settles keeps only the clock in memory, not the session. */
function clockOf(clockSkew: ClockSkew): () => number {
  return () => clockSkew.now();
}
