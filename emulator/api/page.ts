/**
 * Pages of a list.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { invalidParameter } from "./api_error.ts";

/** Which page of a list is wanted. */
export interface PageRequest {
  /** Where it starts: the `nextToken` of the page before. */
  readonly nextToken?: string | null;
  /** Maximum number of its items. */
  readonly maxResults?: number | null;
}

/** The number of items on a page. */
export interface PageSizes {
  /** Without `maxResults`. */
  readonly usual: number;
  /** The maximum. */
  readonly most: number;
}

/** The sizes of most lists. */
const USUAL_SIZES: PageSizes = { usual: 100, most: 100 };

/** One page. */
export interface Page {
  /** Its items. */
  readonly items: readonly string[];
  /** Where the next page starts, in the form of the answer; empty for the last page. */
  readonly rest: { readonly nextToken?: string };
}

/**
 * Cuts a page out of a list. A token names the last item of the page before, so that items that are
 * added or removed meanwhile make no other item appear twice.
 *
 * @param items The whole list, in an order that does not change.
 * @param request Which page.
 * @param sizes The number of items on a page.
 * @throws {EcsApiError} If the token or the size is invalid.
 */
export function pageOf(
  items: readonly string[],
  { nextToken, maxResults }: PageRequest,
  { usual, most }: PageSizes = USUAL_SIZES,
): Page {
  const size = maxResults ?? usual;
  if (size < 1 || size > most) {
    throw invalidParameter(`maxResults must be from 1 to ${most}: current value is ${size}`);
  }
  const start = nextToken ? startOf(items, nextToken) : 0;
  const end = start + size;
  const last = items[end - 1];
  if (last === undefined || end >= items.length) return { items: items.slice(start), rest: {} };
  return { items: items.slice(start, end), rest: { nextToken: tokenFor(end, last) } };
}

function tokenFor(position: number, last: string): string {
  return Buffer.from(`${position} ${last}`).toString("base64url");
}

function startOf(items: readonly string[], token: string): number {
  const [, position, last = ""] = /^(\d{1,9}) (.+)$/s.exec(
    Buffer.from(token, "base64url").toString(),
  ) ?? [];
  if (position === undefined) throw invalidParameter("Invalid token.");
  const found = items.indexOf(last);
  // The item is gone: its former position is the best approximation.
  return found === -1 ? Math.min(Number(position), items.length) : found + 1;
}
