/**
 * The form for composing a call: an operation, and its input as fields and as JSON.
 *
 * @module
 */

import { addAgents } from "./agent_options.js";
import { copyCurl } from "./copy_curl.js";
import { byId, h, on, part, setText } from "./dom.js";
import { isObject } from "./entry.js";
import { Fields } from "./fields.js";

/** @typedef {import("./api.js").OperationInfo} OperationInfo */

export class Composer {
  /** @type {readonly OperationInfo[]} */
  #operations = [];
  /** @type {readonly string[]} The ARNs of tasks. */
  tasks = [];
  #operation = byId("composer-operation", "select");
  #target = byId("composer-target", "select");
  #json = byId("composer-json", "textarea");
  #output = part("composer-output");
  #fields = new Fields(part("composer-fields"), () => this.#fromFields());

  /**
   * @param {(operation: OperationInfo, input: Record<string, unknown>) => Promise<string>} call
   * Makes a call, and returns the result as text for the user.
   */
  constructor(call) {
    const form = byId("composer", "form");
    on(this.#operation, "change", () => this.choose(this.#operation.value));
    on(this.#target, "change", () => this.#fromFields());
    on(this.#json, "input", () => this.#fromJson());
    on(this.#json, "keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit();
    });
    on(part("composer-curl"), "click", () => {
      const input = this.#input();
      const info = this.#current;
      if (input && info) copyCurl(info.name, input, info.method === "GET");
    });
    on(form, "submit", async (event) => {
      event.preventDefault();
      const input = this.#input();
      const info = this.#current;
      if (!input || !info) return;
      const send = byId("composer-send", "button");
      send.disabled = true;
      this.say(await call(info, input));
      send.disabled = false;
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
    this.#operation.replaceChildren(group("commands", "POST"), group("queries", "GET"));
    this.choose("run-task");
  }

  /**
   * @param {readonly string[]} agents Their ARNs.
   * @param {readonly string[]} tasks Their ARNs.
   */
  know(agents, tasks) {
    this.tasks = tasks;
    addAgents(this.#target, agents);
  }

  /**
   * Selects an operation and shows its form.
   *
   * @param {string} name
   */
  choose(name) {
    this.#operation.value = name;
    const info = this.#current;
    if (!info) return;
    setText(part("composer-summary"), info.summary);
    this.#target.disabled = !info.fields.includes("containerInstanceArn");
    const names = info.fields.filter((field) => field !== "containerInstanceArn");
    this.#fields.show(names.map((field) => ({
      name: field,
      required: false,
      choices: info.choices[field] ?? (field === "taskArn" ? this.tasks : []),
    })));
    this.#fromFields();
    this.say("");
  }

  focus() {
    this.#operation.focus();
  }

  /** @param {string} text */
  say(text) {
    setText(this.#output, text);
    this.#output.classList.toggle("bad", text.startsWith("✗"));
  }

  get #current() {
    return this.#operations.find(({ name }) => name === this.#operation.value);
  }

  #fromFields() {
    const { disabled, value } = this.#target;
    const to = disabled || value === "" ? {} : { containerInstanceArn: value };
    this.#json.value = JSON.stringify({ ...to, ...this.#fields.values });
  }

  #fromJson() {
    const input = this.#parsed();
    this.#json.setAttribute("aria-invalid", String(!input));
    if (!input) return;
    const { containerInstanceArn } = input;
    this.#target.value = typeof containerInstanceArn === "string" ? containerInstanceArn : "";
    this.#fields.fill(input);
  }

  /** @returns {Record<string, unknown> | undefined} */
  #parsed() {
    try {
      const input = JSON.parse(this.#json.value || "{}");
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
