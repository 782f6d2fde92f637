/**
 * The form for composing a call: an operation, and its input as fields and as JSON.
 *
 * @module
 */

import { asCurl } from "./commands.js";
import { copy, h, setText } from "./dom.js";
import { isObject, shortName } from "./entry.js";
import { Fields } from "./fields.js";

/** @typedef {import("./api.js").OperationInfo} OperationInfo */

/**
 * @typedef {object} ComposerElements
 * @property {HTMLFormElement} form
 * @property {HTMLSelectElement} operation
 * @property {HTMLSelectElement} target
 * @property {HTMLTextAreaElement} json
 * @property {HTMLElement} fields
 * @property {HTMLElement} summary
 * @property {HTMLElement} output
 * @property {HTMLButtonElement} curl
 * @property {HTMLButtonElement} send
 */

export class Composer {
  /** @type {readonly OperationInfo[]} */
  #operations = [];
  #elements;
  #fields;

  /**
   * @param {ComposerElements} elements
   * @param {{
   *   send: (operation: OperationInfo, input: Record<string, unknown>) => Promise<string>,
   *   hasToken: () => boolean,
   * }} hooks
   */
  constructor(elements, hooks) {
    this.#elements = elements;
    const { form, operation, json, fields, target, curl, send } = elements;
    this.#fields = new Fields(fields, () => this.#fromFields());
    operation.addEventListener("change", () => this.choose(operation.value));
    target.addEventListener("change", () => this.#fromFields());
    json.addEventListener("input", () => this.#fromJson());
    json.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit();
    });
    curl.addEventListener("click", () => {
      const input = this.#input();
      const info = this.#current;
      if (input === undefined || info === undefined) return;
      const body = info.method === "GET" ? undefined : input;
      void copy(asCurl(location.origin, info.name, body, hooks.hasToken()), "the curl line");
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const input = this.#input();
      const info = this.#current;
      if (input === undefined || info === undefined) return;
      send.disabled = true;
      const answer = await hooks.send(info, input);
      send.disabled = false;
      this.say(answer);
    });
  }

  /** @param {readonly OperationInfo[]} operations */
  show(operations) {
    this.#operations = operations;
    const group = (/** @type {string} */ label, /** @type {string} */ method) =>
      h(
        "optgroup",
        { label },
        ...this.#operations.filter((each) => each.method === method)
          .map(({ name }) => h("option", { value: name }, name)),
      );
    this.#elements.operation.replaceChildren(group("commands", "POST"), group("queries", "GET"));
    this.choose("run-task");
  }

  /**
   * @param {readonly string[]} agents Their ARNs.
   * @param {readonly string[]} tasks Their ARNs.
   */
  know(agents, tasks) {
    this.tasks = tasks;
    const { target } = this.#elements;
    const known = [...target.options].map(({ value }) => value);
    for (const arn of agents) {
      if (!known.includes(arn)) target.append(h("option", { value: arn }, shortName(arn)));
    }
  }

  /**
   * Selects an operation and fills in the form.
   *
   * @param {string} name
   * @param {Record<string, unknown>} [input]
   */
  choose(name, input = {}) {
    const { operation, target, summary } = this.#elements;
    operation.value = name;
    const info = this.#current;
    if (info === undefined) return;
    setText(summary, info.summary);
    const { containerInstanceArn } = input;
    const hasTarget = info.fields.includes("containerInstanceArn");
    target.disabled = !hasTarget;
    if (typeof containerInstanceArn === "string") {
      this.know([containerInstanceArn], this.tasks ?? []);
      target.value = containerInstanceArn;
    }
    const names = info.fields.filter((field) => field !== "containerInstanceArn");
    this.#fields.show(names.map((field) => ({
      name: field,
      required: false,
      choices: info.choices[field] ?? (field === "taskArn" ? this.tasks ?? [] : []),
    })));
    this.#fields.fill(input);
    this.#fromFields();
    this.say("");
  }

  focus() {
    this.#elements.operation.focus();
  }

  /** @param {string} text */
  say(text) {
    setText(this.#elements.output, text);
    this.#elements.output.classList.toggle("bad", text.startsWith("✗"));
  }

  get #current() {
    return this.#operations.find(({ name }) => name === this.#elements.operation.value);
  }

  #fromFields() {
    const { target, json } = this.#elements;
    const to = !target.disabled && target.value !== ""
      ? { containerInstanceArn: target.value }
      : {};
    json.value = JSON.stringify({ ...to, ...this.#fields.values });
  }

  #fromJson() {
    const input = this.#parsed();
    const { json, target } = this.#elements;
    json.setAttribute("aria-invalid", String(input === undefined));
    if (input === undefined) return;
    const { containerInstanceArn } = input;
    target.value = typeof containerInstanceArn === "string" ? containerInstanceArn : "";
    this.#fields.fill(input);
  }

  /** @returns {Record<string, unknown> | undefined} */
  #parsed() {
    try {
      const input = JSON.parse(this.#elements.json.value || "{}");
      return isObject(input) ? input : undefined;
    } catch {
      return undefined;
    }
  }

  /** Returns the input; shows an error if it is not JSON. */
  #input() {
    const input = this.#parsed();
    if (input === undefined) this.say("✗ The input is not a JSON object.");
    return input;
  }
}
