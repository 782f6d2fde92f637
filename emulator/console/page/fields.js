/**
 * A form for the fields of an operation or a fault. Values that look like JSON are parsed as JSON;
 * all others are strings.
 *
 * @module
 */

import { h } from "./dom.js";

/**
 * @typedef {object} FieldInfo
 * @property {string} name
 * @property {boolean} required
 * @property {readonly string[]} choices
 */

/** Fields that are always strings, even if they look like JSON. */
const TEXTS = new Set([
  "base64",
  "body",
  "clusterArn",
  "containerInstanceArn",
  "endpoint",
  "exception",
  "messageId",
  "reason",
  "taskArn",
  "text",
]);

/** Number of forms so far, for unique element ids. */
let forms = 0;

export class Fields {
  /** @type {Map<string, HTMLInputElement>} */
  #inputs = new Map();
  #form = ++forms;

  /**
   * @param {HTMLElement} parent
   * @param {() => void} changed
   */
  constructor(parent, changed) {
    this.parent = parent;
    this.changed = changed;
  }

  /** @param {readonly FieldInfo[]} fields */
  show(fields) {
    this.#inputs.clear();
    const labels = fields.map(({ name, required, choices }) => {
      const id = `field-${this.#form}-${name}`;
      const listId = `${id}-choices`;
      const input = h("input", {
        id,
        autocomplete: "off",
        spellcheck: "false",
        list: choices.length > 0 ? listId : undefined,
        required,
        input: this.changed,
      });
      this.#inputs.set(name, input);
      return h(
        "div",
        {},
        h("label", { for: id }, required ? `${name} *` : name),
        input,
        choices.length > 0
          ? h("datalist", { id: listId }, ...choices.map((value) => h("option", { value })))
          : undefined,
      );
    });
    this.parent.replaceChildren(...labels);
  }

  /** The filled fields. */
  get values() {
    /** @type {Record<string, unknown>} */
    const values = {};
    for (const [name, { value }] of this.#inputs) {
      if (value.trim() !== "") values[name] = TEXTS.has(name) ? value : parse(value.trim());
    }
    return values;
  }

  /** @param {Readonly<Record<string, unknown>>} values */
  fill(values) {
    for (const [name, input] of this.#inputs) {
      const value = values[name];
      input.value = value === undefined
        ? ""
        : typeof value === "string"
        ? value
        : JSON.stringify(value);
    }
  }
}

/** @param {string} text */
function parse(text) {
  if (!/^(?:[[{"]|-?\d|true$|false$|null$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
