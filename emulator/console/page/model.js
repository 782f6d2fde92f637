/**
 * The page's data: the newest rows, and the agents, connections and tasks derived from them.
 *
 * @module
 */

import { isObject } from "./entry.js";
import { rowOf } from "./row.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {import("./entry.js").Row} Row */

/**
 * @typedef {object} Agent
 * @property {string} arn
 * @property {number | undefined} connectionId The open connection.
 * @property {number} lastAt Time of its last event, in ms since the epoch.
 * @property {number} refusals Number of refused requests since it last connected.
 * @property {string} refusal The reason for the last refusal.
 */

/**
 * @typedef {object} Connection
 * @property {number} id
 * @property {string} arn
 * @property {number} connectedAt
 * @property {number | undefined} disconnectedAt
 * @property {number | undefined} closeCode
 * @property {number[]} latencies The newest latencies, in ms.
 */

/**
 * @typedef {object} Task
 * @property {string} taskArn
 * @property {string} [containerInstanceArn]
 * @property {string} [desiredStatus]
 * @property {string} [lastStatus]
 * @property {boolean} [waiting]
 */

/** Maximum number of rows: the number of entries that the emulator keeps by default. */
export const MAX_ROWS = 10_000;

/** Number of rows that are dropped at a time. */
const FORGOTTEN_ROWS = 500;

/** Maximum number of connections. */
const MAX_CONNECTIONS = 50;

/** Maximum number of latencies of a connection. */
const MAX_LATENCIES = 32;

/** Maximum number of tasks and their names. */
const MAX_TASKS = 2_000;

export class Model {
  /** @type {Row[]} Oldest first. */
  rows = [];
  /** @type {Map<string, Agent & { leftAt?: number }>} By ARN. */
  agents = new Map();
  /** @type {Map<number, Connection>} By number. */
  connections = new Map();
  /** @type {Map<string, Task>} By ARN. */
  tasks = new Map();
  /** @type {Map<string, string>} The name of each task's definition, by the task's ARN. */
  families = new Map();
  /** The number of the newest entry. */
  lastNumber = 0;
  /** @type {Map<string, Row>} The messages that were sent, by their ids. */
  #sent = new Map();

  /**
   * Adds an entry.
   *
   * @param {Entry} entry
   * @returns {Row}
   */
  add(entry) {
    const row = rowOf(entry);
    this.rows.push(row);
    this.lastNumber = Math.max(this.lastNumber, entry.number);
    this.#learn(entry, row);
    return row;
  }

  /**
   * Drops the oldest rows if there are too many.
   *
   * @returns {Row | undefined} The oldest remaining row, if rows were dropped.
   */
  trim() {
    if (this.rows.length < MAX_ROWS + FORGOTTEN_ROWS) return undefined;
    for (const { entry } of this.rows.splice(0, this.rows.length - MAX_ROWS)) {
      if (this.#sent.get(entry.messageId ?? "")?.entry === entry) {
        this.#sent.delete(entry.messageId ?? "");
      }
    }
    return this.rows[0];
  }

  /**
   * Adds an open connection that began before the oldest row.
   *
   * @param {number} id
   * @param {string} arn
   * @param {number} at
   */
  learnOpen(id, arn, at) {
    const [row] = this.rows;
    if (!row || at > row.entry.at || this.connections.has(id)) return;
    const opened = { event: "connected", at, connectionId: id, containerInstanceArn: arn };
    this.#learn({ ...row.entry, ...opened }, { ...row });
  }

  /**
   * @param {Entry} entry
   * @param {Row} row
   */
  #learn(entry, row) {
    const { event, at, containerInstanceArn: arn = "", connectionId = 0 } = entry;
    const agent = this.#agent(arn, entry);
    const connection = this.connections.get(connectionId);
    switch (event) {
      case "connected":
        if (agent?.connectionId === undefined && agent?.leftAt !== undefined) {
          row.note = [row.note, `back in ${at - agent.leftAt} ms`].filter(Boolean).join(", ");
        }
        if (agent) Object.assign(agent, { connectionId, refusals: 0 });
        this.connections.set(connectionId, {
          id: connectionId,
          arn,
          connectedAt: at,
          disconnectedAt: undefined,
          closeCode: undefined,
          latencies: [],
        });
        return dropOldest(this.connections, MAX_CONNECTIONS);
      case "disconnected":
        if (agent?.connectionId === connectionId) {
          Object.assign(agent, { connectionId: undefined, leftAt: at });
        }
        if (connection) {
          Object.assign(connection, { disconnectedAt: at, closeCode: entry.closeCode });
        }
        return;
      case "refused":
        if (!agent) return;
        agent.refusals += 1;
        agent.refusal = entry.reason ?? "";
        return;
      case "sent":
        if (entry.messageId) this.#sent.set(entry.messageId, row);
        return this.#learnTasks(entry);
      case "received":
        return this.#pair(entry, row, connection);
      case "taskStateChanged":
        return this.#task(entry);
    }
  }

  /**
   * @param {string} arn
   * @param {Entry} entry
   * @returns {(Agent & { leftAt?: number }) | undefined}
   */
  #agent(arn, { event, at }) {
    if (arn === "") return undefined;
    const agent = this.agents.get(arn) ??
      { arn, connectionId: undefined, lastAt: 0, refusals: 0, refusal: "" };
    if (event !== "sent" && event !== "fault" && event !== "taskStateChanged") agent.lastAt = at;
    this.agents.set(arn, agent);
    dropOldest(this.agents, MAX_CONNECTIONS);
    return agent;
  }

  /**
   * Links an answer to the message that it answers.
   *
   * @param {Entry} entry
   * @param {Row} row
   * @param {Connection | undefined} connection
   */
  #pair(entry, row, connection) {
    const question = this.#sent.get(entry.messageId ?? "");
    if (!question) return;
    row.question = question;
    row.latency = Math.max(0, entry.at - question.entry.at);
    if (question.answer) return;
    question.answer = row;
    question.latency = row.latency;
    connection?.latencies.push(row.latency);
    if (connection && connection.latencies.length > MAX_LATENCIES) connection.latencies.shift();
  }

  /** @param {Entry} entry */
  #learnTasks({ type, message, containerInstanceArn = "" }) {
    if (type !== "PayloadMessage" || !isObject(message) || !Array.isArray(message.tasks)) return;
    for (const task of message.tasks) {
      if (!isObject(task) || typeof task.arn !== "string") continue;
      this.families.set(task.arn, `${task.family ?? "task"}:${task.version ?? "?"}`);
      this.#task({
        taskArn: task.arn,
        containerInstanceArn,
        ...(typeof task.desiredStatus === "string" && { desiredStatus: task.desiredStatus }),
      });
    }
    dropOldest(this.families, MAX_TASKS);
  }

  /** @param {Partial<Entry>} entry */
  #task({ taskArn = "", containerInstanceArn, desiredStatus, lastStatus }) {
    const before = this.tasks.get(taskArn);
    this.tasks.set(taskArn, {
      taskArn,
      containerInstanceArn: containerInstanceArn ?? before?.containerInstanceArn ?? "",
      desiredStatus: desiredStatus ?? before?.desiredStatus ?? "",
      lastStatus: lastStatus ?? before?.lastStatus ?? "PENDING",
    });
    dropOldest(this.tasks, MAX_TASKS);
  }
}

/** @param {Map<unknown, unknown>} map @param {number} limit */
function dropOldest(map, limit) {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
