/**
 * The list of agents and their connections.
 *
 * @module
 */

import { button, h, part, setText } from "./dom.js";
import { duration, shortName } from "./entry.js";
import { KeyedList } from "./keyed.js";
import { Sparkline } from "./sparkline.js";

/** @typedef {import("./model.js").Agent} Agent */
/** @typedef {import("./model.js").Connection} Connection */

/**
 * What the control plane reports about an agent.
 *
 * @typedef {object} AgentInfo
 * @property {string} version
 * @property {string} cluster
 * @property {boolean} inactive
 * @property {number} pending
 */

/** @typedef {{ agent: Agent, info: AgentInfo | undefined, now: number }} AgentItem */

/** Maximum number of connections to show. */
const SHOWN_CONNECTIONS = 12;

export class Sidebar {
  /** @type {KeyedList<AgentItem, HTMLElement>} */
  #agents;
  /** @type {KeyedList<{ connection: Connection, now: number }, HTMLElement>} */
  #connections;

  /**
   * @param {(operation: string, arn: string) => void} act
   * @param {(arn: string) => void} filter
   */
  constructor(act, filter) {
    this.#agents = new KeyedList(
      part("agents"),
      ({ agent }) => agent.arn,
      ({ agent }) => agentElement(agent, act, filter),
    );
    this.#connections = new KeyedList(
      part("connections"),
      ({ connection }) => String(connection.id),
      connectionElement,
    );
  }

  /**
   * @param {import("./model.js").Model} model
   * @param {(agent: Agent) => AgentInfo | undefined} infoOf
   * @param {number} now
   */
  show(model, infoOf, now) {
    const agents = [...model.agents.values()];
    part("agents-none").hidden = agents.length > 0;
    this.#agents.show(agents.map((agent) => ({ agent, info: infoOf(agent), now })));
    const connections = [...model.connections.values()].reverse().slice(0, SHOWN_CONNECTIONS);
    this.#connections.show(connections.map((connection) => ({ connection, now })));
  }
}

/**
 * @param {Agent} agent
 * @param {(operation: string, arn: string) => void} act
 * @param {(arn: string) => void} filter
 */
function agentElement({ arn }, act, filter) {
  const name = shortName(arn);
  const dot = h("span", { class: "dot", "aria-hidden": "true" });
  const connection = h("span", { class: "dim" });
  const about = h("p", { class: "dim" });
  const refusals = h("p", { class: "bad" });
  let isInactive = false;
  const toggle = button("deregister", () => {
    act(isInactive ? "register-container-instance" : "deregister-container-instance", arn);
  });
  const actions = h(
    "p",
    { class: "actions" },
    button("task", () => act("run-task", arn), {
      "aria-label": `Run a task on ${name}`,
    }),
    button("heartbeat", () => act("send-heartbeat", arn)),
    button("fault…", () => act("inject-fault", arn)),
    toggle,
  );
  const element = h(
    "li",
    { title: arn },
    h(
      "p",
      {},
      dot,
      button(name, () => filter(arn), {
        class: "name",
        "aria-label": `Show only agent ${name}`,
      }),
      connection,
    ),
    about,
    refusals,
    actions,
  );
  return {
    element,
    /** @param {AgentItem} item */
    update({ agent, info, now }) {
      const isConnected = agent.connectionId !== undefined;
      element.classList.toggle("connected", isConnected);
      setText(dot, isConnected ? "●" : "○");
      setText(connection, isConnected ? `#${agent.connectionId}` : "not connected");
      setText(
        about,
        [
          info?.cluster,
          info?.version && `v${info.version}`,
          info?.inactive ? "INACTIVE" : "",
          `heard ${duration(Math.max(0, now - agent.lastAt))} ago`,
          info?.pending ? `${info.pending} pending` : "",
        ].filter(Boolean).join(" · "),
      );
      // An agent that has never connected has no actions.
      actions.hidden = info === undefined;
      refusals.hidden = agent.refusals === 0;
      const { refusal } = agent;
      const reason = refusal.length > 80 ? `${refusal.slice(0, 80)}…` : refusal;
      setText(refusals, `✗ refused × ${agent.refusals}: ${reason}`);
      isInactive = info?.inactive ?? false;
      setText(toggle, isInactive ? "register" : "deregister");
    },
  };
}

/** @param {{ connection: Connection }} item */
function connectionElement({ connection: { id, arn } }) {
  const sparkline = new Sparkline();
  const time = h("span", { class: "dim" });
  const element = h("li", {}, h("b", {}, `#${id}`), sparkline.element, time);
  element.title = arn;
  return {
    element,
    /** @param {{ connection: Connection, now: number }} item */
    update({ connection, now }) {
      const { connectedAt, disconnectedAt, closeCode, latencies } = connection;
      element.classList.toggle("ended", disconnectedAt !== undefined);
      sparkline.show(latencies);
      const age = duration(Math.max(0, (disconnectedAt ?? now) - connectedAt));
      setText(time, disconnectedAt === undefined ? age : `✂ ${age}, ${closeCode ?? ""}`);
    },
  };
}
