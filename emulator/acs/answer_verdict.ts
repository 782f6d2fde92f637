/**
 * The classification of an agent's answer.
 *
 * @module
 */

/** Each verdict and its text as a `problem`; `undefined` for verdicts that are not problems. */
export const PROBLEM_OF_VERDICT = {
  /** The answer to a message that waited for it. */
  settled: undefined,
  /**
   * One more answer to a message that was sent more than once, or to the credentials in a payload.
   */
  repeated: undefined,
  /** One more answer than copies of the message were sent. */
  surplus: "answers the message more often than it was sent",
  /** Not the type of answer that fits the message. */
  wrongType: "does not fit the message it answers: check its type",
  /** Does not repeat the message's ARNs. */
  wrongArns: "does not fit the message it answers: check its cluster and containerInstance",
  /** The right message, but not its credentials. */
  wrongCredentials: "does not fit the message it answers: check its credentialsId",
  /** The message went to another container instance. */
  foreign: "answers a message that was sent to another container instance",
  /** No message with this id was sent. */
  unknown: "answers no message that was sent",
} as const satisfies Readonly<Record<string, string | undefined>>;

/** The classification of an agent's answer. */
export type AnswerVerdict = keyof typeof PROBLEM_OF_VERDICT;

/** Whether the message is now answered. */
export function isAccepted(verdict: AnswerVerdict): boolean {
  return verdict === "settled" || verdict === "wrongCredentials";
}
