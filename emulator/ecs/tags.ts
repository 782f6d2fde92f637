/**
 * The tags of resources.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

/** One tag. */
export interface Tag {
  /** Its key. */
  readonly key: string;
  /** Its value. */
  readonly value: string;
}

interface TaggedResource {
  readonly resourceArn: string;
  readonly tags: readonly Tag[];
}

const stored: v.Type<TaggedResource> = v.object({
  resourceArn: v.string(),
  tags: v.array(v.object({ key: v.string(), value: v.string() })),
});

/** The tags of all resources. */
export class Tags {
  readonly #known: StoredMap<TaggedResource>;

  /**
   * Loads the saved ones.
   *
   * @param state Where they are kept.
   */
  constructor(state: EmulatorState) {
    this.#known = new StoredMap({
      state,
      kind: "tags",
      type: stored,
      keyOf: ({ resourceArn }) => resourceArn,
    });
  }

  /** The tags of a resource. */
  of(resourceArn: string): readonly Tag[] {
    return this.#known.get(resourceArn)?.tags ?? [];
  }

  /** Adds tags, replacing those with the same keys. */
  add(resourceArn: string, tags: readonly Tag[]): void {
    if (tags.length === 0) return;
    const added = new Map([...this.of(resourceArn), ...tags].map(({ key, value }) => [key, value]));
    this.#known.set({ resourceArn, tags: [...added].map(([key, value]) => ({ key, value })) });
  }

  /** Removes the tags with these keys. */
  remove(resourceArn: string, keys: readonly string[]): void {
    if (this.of(resourceArn).length === 0) return;
    const tags = this.of(resourceArn).filter(({ key }) => !keys.includes(key));
    this.#known.set({ resourceArn, tags });
  }

  /** Forgets a resource that no longer exists. */
  forget(resourceArn: string): void {
    this.#known.delete(resourceArn);
  }
}
