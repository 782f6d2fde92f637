/**
 * Hides secrets of a message that an agent quotes in its answer, such as the reason of a
 * NackRequest.
 *
 * @module
 */

import { redact } from "../internal/redaction/redact.ts";
import { SECRET_START_LENGTH, type Secrets } from "../internal/redaction/secrets.ts";
import { placeholderFor, withoutLogins } from "./placeholders.ts";
import { secretsIn } from "./secrets.ts";

/** Default of the maximum number of messages whose secrets are remembered. */
const REMEMBERED = 100;

/** Maximum length of all remembered secrets, in UTF-16 code units. */
const MAX_REMEMBERED_LENGTH = 8 * 2 ** 20;

/** How much of a text is searched for secrets, in UTF-16 code units; the rest is hidden. */
const MAX_SEARCHED_LENGTH = 16_384;

/** The secrets of messages, for an agent that quotes them, possibly more than once. */
export class QuotedSecrets {
  readonly #found = new Map<string, Secrets>();
  readonly #maxMessages: number;
  #length = 0;

  /** @param maxMessages How many messages to remember. */
  constructor(maxMessages: number = REMEMBERED) {
    this.#maxMessages = maxMessages;
  }

  /** Whether the secrets of a message are remembered. */
  has(messageId: string): boolean {
    return this.#found.has(messageId);
  }

  /**
   * Returns the secrets that an answer may quote.
   *
   * @param messageId The id of the answered message.
   * @param messages The messages with that id that wait for an answer.
   */
  of(messageId: string, messages: readonly unknown[]): Secrets {
    const known = this.#found.get(messageId) ?? [];
    if (messages.length === 0 || known === "too many") return known;
    const secrets = secretsIn(messages);
    const all = secrets === "too many" ? secrets : [...new Set([...known, ...secrets])];
    this.#forget(messageId);
    this.#found.set(messageId, all);
    this.#length += lengthOf(all);
    for (const oldest of this.#found.keys()) {
      const isFull = this.#found.size > this.#maxMessages || this.#length > MAX_REMEMBERED_LENGTH;
      if (!isFull) break;
      this.#forget(oldest);
    }
    return all;
  }

  #forget(messageId: string): void {
    this.#length -= lengthOf(this.#found.get(messageId) ?? []);
    this.#found.delete(messageId);
  }
}

function lengthOf(secrets: Secrets): number {
  return secrets === "too many" ? 0 : secrets.reduce((sum, { length }) => sum + length, 0);
}

/** Traces do not contain them, although they are not secret. */
const ACCESS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;

/**
 * Replaces secrets, access key ids and logins in a text by `x`s of the same length. If a secret
 * appears in another form, such as base64 or escaped, the text is cut before it. Of a longer text,
 * only the first 15,360 code units are shown.
 *
 * @param text The agent's text.
 * @param secrets The secrets that it may quote.
 */
export function hideQuotes(text: string, secrets: Secrets): string {
  if (secrets === "too many") return placeholderFor(text);
  if (text.length > MAX_SEARCHED_LENGTH) {
    // A secret at the end of the part that is searched may be incomplete.
    const shown = hideQuotes(text.slice(0, MAX_SEARCHED_LENGTH), secrets);
    const end = Math.min(shown.length, MAX_SEARCHED_LENGTH - SECRET_START_LENGTH);
    return shown.slice(0, end) + placeholderFor(text.slice(end));
  }
  let shown = withoutLogins(text).replace(ACCESS_KEY_ID, placeholderFor);
  // In a replay, the secrets are placeholders already.
  const real = secrets.filter((secret) => secret !== placeholderFor(secret));
  for (const secret of [...real].sort((one, other) => other.length - one.length)) {
    // Only the start of a long secret is known.
    const isCut = secret.length >= SECRET_START_LENGTH;
    const at = isCut ? shown.indexOf(secret) : -1;
    shown = at === -1
      ? shown.replaceAll(secret, placeholderFor(secret))
      : shown.slice(0, at) + placeholderFor(shown.slice(at));
  }
  return redact(shown, real);
}
