/**
 * Shows a value as indented JSON, with redacted values highlighted.
 *
 * @module
 */

import { h } from "./dom.js";

/** Maximum number of characters to show; more would make the page slow. */
const MAX_LENGTH = 40_000;

/** The placeholders for a secret: in the transcript, and in a trace. */
const REDACTED = /("(?:\[redacted\]|x{4,})")/;

/**
 * @param {unknown} value
 * @param {string} label A description for screen readers.
 */
export function jsonText(value, label) {
  const json = JSON.stringify(value, undefined, 2) ?? "";
  const text = json.slice(0, MAX_LENGTH);
  const parts = text.split(REDACTED).map((part, index) =>
    index % 2 === 0 ? part : h("span", { class: "redacted" }, part)
  );
  const rest = json.length - text.length;
  if (rest > 0) parts.push(h("em", {}, `\n… ${rest} more characters: copy the JSON to see them`));
  return pre(label, ...parts);
}

/**
 * Creates a block of text that can be scrolled with the keyboard.
 *
 * @param {string} label A description for screen readers.
 * @param {...(Node | string)} children
 */
export function pre(label, ...children) {
  return h("pre", { tabindex: 0, role: "group", "aria-label": label }, ...children);
}
