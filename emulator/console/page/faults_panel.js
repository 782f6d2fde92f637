/**
 * Injects faults, and lists the active and waiting ones.
 *
 * @module
 */

import { list } from "./api.js";
import { addAgents } from "./agent_options.js";
import { copyCurl } from "./copy_curl.js";
import { button, byId, h, on, part, setText } from "./dom.js";
import { isObject, shortName } from "./entry.js";
import { Fields } from "./fields.js";
import { KeyedList } from "./keyed.js";

/** @typedef {import("./api.js").FaultFields} FaultFields */

/** Descriptions of what faults hit, by `at`. */
/** @type {Record<string, string>} */
const PLACES = {
  connection: "open connections, or the next ones",
  upgrade: "the next upgrades to a WebSocket",
  discover: "the next DiscoverPollEndpoint calls",
  api: "the next calls to the ECS API",
};

/**
 * @typedef {object} FaultItem
 * @property {Record<string, unknown>} fault
 * @property {string} who
 * @property {string} state
 * @property {Record<string, unknown>} clearInput The input of `clear-faults`.
 */

export class FaultsPanel {
  /** @type {Record<string, Record<string, FaultFields>>} */
  #table = {};
  #at = byId("fault-at", "select");
  #action = byId("fault-action", "select");
  #target = byId("fault-target", "select");
  #next = byId("fault-next", "input");
  #json = part("fault-json");
  #place = part("fault-place");
  #fields = new Fields(part("fault-fields"), () => this.#preview());
  /** @type {KeyedList<FaultItem, HTMLElement>} */
  #list;

  /** @param {(operation: string, input: Record<string, unknown>) => void} send */
  constructor(send) {
    on(this.#at, "change", () => this.#showActions());
    on(this.#action, "change", () => this.#showFields());
    on(this.#target, "change", () => this.#preview());
    on(this.#next, "input", () => this.#preview());
    on(byId("fault-form", "form"), "submit", (event) => {
      event.preventDefault();
      send("inject-fault", this.input);
    });
    on(part("fault-curl"), "click", () => copyCurl("inject-fault", this.input, false));
    on(part("fault-clear"), "click", () => send("clear-faults", {}));
    this.#list = new KeyedList(
      part("fault-list"),
      (item) => JSON.stringify(item),
      ({ fault, who, state, clearInput }) => ({
        element: h(
          "li",
          {},
          h("b", {}, `${fault.at} ${fault.action}`),
          h("code", {}, details(fault)),
          h("span", {}, who),
          h("span", { class: "dim" }, state),
          button("clear", () => send("clear-faults", clearInput), {
            "aria-label": `Clear ${fault.at} ${fault.action} of ${who}`,
          }),
        ),
        update() {},
      }),
    );
  }

  /** @param {Record<string, Record<string, FaultFields>>} table */
  know(table) {
    this.#table = table;
    const places = ["connection", "upgrade", "discover", "api"].filter((at) => at in table);
    this.#at.replaceChildren(...places.map((at) => h("option", { value: at }, at)));
    this.#showActions();
  }

  /** @param {readonly string[]} agents Their ARNs. */
  knowAgents(agents) {
    addAgents(this.#target, agents);
  }

  /** @param {string} arn */
  choose(arn) {
    this.knowAgents([arn]);
    this.#target.value = arn;
    this.#preview();
    this.#action.focus();
  }

  /**
   * @param {Record<string, unknown>} answer
   * @returns {number} How many there are.
   */
  show({ waiting, active }) {
    /**
     * @param {Record<string, unknown>} item
     * @param {string} state
     * @param {string} [who]
     */
    const itemOf = ({ id, fault, containerInstanceArn: arn }, state, who = "") => ({
      fault: isObject(fault) ? fault : {},
      who: typeof arn === "string" ? shortName(arn) + who : "any agent",
      state,
      clearInput: { id, ...(arn !== undefined && { containerInstanceArn: arn }) },
    });
    const items = [
      ...list(active).map((item) =>
        itemOf(item, item.scheduled ? "scheduled" : "active", ` #${item.connectionId}`)
      ),
      ...list(waiting).map((item) => itemOf(item, `waiting, ${item.left} left`)),
    ];
    this.#list.show(items);
    part("fault-none").hidden = items.length > 0;
    return items.length;
  }

  /** The input of `inject-fault`. */
  get input() {
    const fault = { at: this.#at.value, action: this.#action.value, ...this.#fields.values };
    return {
      fault,
      ...(this.#target.value !== "" && { containerInstanceArn: this.#target.value }),
      ...(this.#next.value !== "" && { next: Number(this.#next.value) }),
    };
  }

  #showActions() {
    const actions = Object.keys(this.#table[this.#at.value] ?? {});
    this.#action.replaceChildren(
      ...actions.map((action) => h("option", { value: action }, action)),
    );
    setText(this.#place, PLACES[this.#at.value] ?? "");
    this.#showFields();
  }

  #showFields() {
    const fields = this.#table[this.#at.value]?.[this.#action.value];
    const { required = [], optional = [] } = fields ?? {};
    this.#fields.show([
      ...required.map((name) => ({ name, required: true, choices: choicesFor(name) })),
      ...optional.map((name) => ({ name, required: false, choices: choicesFor(name) })),
    ]);
    this.#preview();
  }

  #preview() {
    setText(this.#json, JSON.stringify(this.input));
  }
}

/** @param {string} name */
function choicesFor(name) {
  return name === "service" ? ["acs", "tcs"] : [];
}

/** @param {Record<string, unknown>} fault */
function details({ at: _at, action: _action, ...rest }) {
  return Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ");
}
