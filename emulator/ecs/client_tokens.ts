/**
 * Calls that must have an effect only once, however often they are repeated: a repeated call has
 * the same client token.
 *
 * @module
 */

import { createHash } from "node:crypto";
import * as v from "@badrap/valita";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

/** How long a token is remembered, in ms: the service's 24 hours. */
const LIFETIME_MS = 86_400_000;

/** Maximum number of tokens that are remembered; the oldest are dropped first. Our choice. */
const MAX_TOKENS = 10_000;

interface UsedToken {
  readonly token: string;
  /** Digest of the operation and its input. */
  readonly digest: string;
  readonly arns: readonly string[];
  readonly usedAt: number;
}

const stored: v.Type<UsedToken> = v.object({
  token: v.string(),
  digest: v.string(),
  arns: v.array(v.string()),
  usedAt: v.number(),
});

/** A remembered token. */
export type TokenUse =
  | { readonly use: "new" }
  | { readonly use: "other call"; readonly arns: readonly string[] }
  | { readonly use: "same call"; readonly arns: readonly string[] };

/** The client tokens of one emulator. */
export class ClientTokens {
  readonly #known: StoredMap<UsedToken>;

  /**
   * Loads the saved ones.
   *
   * @param state Where they are kept.
   */
  constructor(state: EmulatorState) {
    this.#known = new StoredMap({
      state,
      kind: "client-token",
      type: stored,
      keyOf: ({ token }) => token,
    });
  }

  /** Looks a token up. */
  lookUp(token: string, call: unknown, now: number): TokenUse {
    const known = this.#known.get(token);
    if (known === undefined || known.usedAt <= now - LIFETIME_MS) return { use: "new" };
    const use = known.digest === digestOf(call) ? "same call" : "other call";
    return { use, arns: known.arns };
  }

  /** Remembers a token with the resources that its call has created. */
  remember(token: string, call: unknown, arns: readonly string[], now: number): void {
    this.#known.delete(token);
    this.#known.set({ token, digest: digestOf(call), arns, usedAt: now });
    for (const { token: oldest, usedAt } of this.#known.values) {
      if (usedAt > now - LIFETIME_MS && this.#known.size <= MAX_TOKENS) return;
      this.#known.delete(oldest);
    }
  }
}

function digestOf(call: unknown): string {
  return createHash("sha256").update(JSON.stringify(call)).digest("base64url");
}
