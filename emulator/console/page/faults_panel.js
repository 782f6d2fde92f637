/**
 * Injects faults, and lists the active and waiting ones.
 *
 * @module
 */

import { list } from "./api.js";
import { asCurl } from "./commands.js";
import { button, byId, copy, h, part, setText } from "./dom.js";
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

/** @typedef {{ fault: Record<string, unknown>, who: string, arn: string, state: string }} FaultItem */

export class FaultsPanel {
  /** @type {Record<string, Record<string, FaultFields>>} */
  #table = {};
  #at = byId("fault-at", HTMLSelectElement);
  #action = byId("fault-action", HTMLSelectElement);
  #target = byId("fault-target", HTMLSelectElement);
  #next = byId("fault-next", HTMLInputElement);
  #json = part("fault-json");
  #place = part("fault-place");
  #fields = new Fields(part("fault-fields"), () => this.#preview());
  /** @type {KeyedList<FaultItem, HTMLElement>} */
  #list;

  /**
   * @param {(operation: string, input: Record<string, unknown>) => void} send
   * @param {() => boolean} hasToken
   */
  constructor(send, hasToken) {
    this.#at.addEventListener("change", () => this.#showActions());
    this.#action.addEventListener("change", () => this.#showFields());
    this.#target.addEventListener("change", () => this.#preview());
    this.#next.addEventListener("input", () => this.#preview());
    byId("fault-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      send("inject-fault", this.input);
    });
    byId("fault-curl", HTMLButtonElement).addEventListener("click", () =>
      void copy(
        asCurl(location.origin, "inject-fault", this.input, hasToken()),
        "the curl line",
      ));
    byId("fault-clear", HTMLButtonElement).addEventListener(
      "click",
      () => send("clear-faults", {}),
    );
    this.#list = new KeyedList(
      part("fault-list"),
      ({ fault, who, state }) => JSON.stringify([fault, who, state]),
      ({ fault, who, arn, state }) => ({
        element: h(
          "li",
          {},
          h("b", {}, `${fault.at} ${fault.action}`),
          h("code", {}, details(fault)),
          h("span", {}, who),
          h("span", { class: "dim" }, state),
          arn === "" ? undefined : button("clear", () =>
            send("clear-faults", {
              containerInstanceArn: arn,
            }), { title: "Clears all faults of this agent" }),
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
    const known = [...this.#target.options].map(({ value }) => value);
    for (const arn of agents) {
      if (!known.includes(arn)) this.#target.append(h("option", { value: arn }, shortName(arn)));
    }
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
    /** @param {unknown} fault */
    const object = (fault) => isObject(fault) ? fault : {};
    const items = [
      ...list(active).map(({ fault, containerInstanceArn, connectionId, scheduled }) => ({
        fault: object(fault),
        arn: String(containerInstanceArn),
        who: `${shortName(String(containerInstanceArn))} #${connectionId}`,
        state: scheduled ? "scheduled" : "active",
      })),
      ...list(waiting).map(({ fault, containerInstanceArn: arn, left }) => ({
        fault: object(fault),
        arn: typeof arn === "string" ? arn : "",
        who: typeof arn === "string" ? shortName(arn) : "any agent",
        state: `waiting, ${left} left`,
      })),
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
