/**
 * Records a scenario: calls become `do` steps, and the agents' answers to them `expect` steps.
 *
 * @module
 */

import { escaped, withTexts } from "./commands.js";

/** @typedef {import("./entry.js").Row} Row */
/** @typedef {import("./commands.js").Step} Step */

/** Time limit of a recorded expectation, in ms. */
const WITHIN_MS = 10_000;

/** Maximum number of answers that are kept until the result of their call arrives. */
const MAX_EARLY = 99;

/** The prefix of a result's name, by operation. */
const RESULT = /^(?:run-|send-|attach-|rotate-|inject-)?([a-z]+)/;

export class Recorder {
  /** @type {Step[]} */
  steps = [];
  isRecording = false;
  /** When recording began, in ms since the epoch. */
  startedAt = 0;
  /** @type {Map<string, string>} The references to values of earlier results, by value. */
  #references = new Map();
  /**
   * @type {Set<string>} The ids of messages that were answered before the result of their call
   * arrived.
   */
  #early = new Set();

  /** Starts recording. Earlier steps are kept. */
  start() {
    this.isRecording = true;
    this.startedAt = Date.now();
  }

  stop() {
    this.isRecording = false;
  }

  clear() {
    this.steps = [];
    this.#references.clear();
  }

  /** @param {number} index */
  remove(index) {
    const [removed] = this.steps.splice(index, 1);
    if (typeof removed?.as !== "string") return;
    for (const [value, reference] of this.#references) {
      if (reference.startsWith(`$${removed.as}.`)) this.#references.delete(value);
    }
  }

  /** @param {Step} step */
  add(step) {
    this.steps.push(step);
  }

  /**
   * Records a call that succeeded.
   *
   * @param {string} operation
   * @param {Record<string, unknown>} input
   * @param {Record<string, unknown>} result
   */
  called(operation, input, result) {
    if (!this.isRecording) return;
    // A fault from before the recording does not exist when the scenario is played.
    if (operation === "clear-faults" && input.id && !this.#references.has(String(input.id))) return;
    const as = this.#name(operation, result);
    const withInput = Object.keys(input).length === 0 ? {} : { with: this.#refer(input) };
    this.add({ do: operation, ...withInput, ...(as !== undefined && { as }) });
    if (as === undefined) return;
    for (const [field, value] of Object.entries(result)) {
      if (typeof value === "string") this.#references.set(value, `$${as}.${field}`);
      if (this.#early.delete(String(value))) this.#expectAck(`$${as}.${field}`);
    }
  }

  /**
   * Records actions of agents: connections, and answers to the messages of recorded calls.
   *
   * @param {Row} row
   */
  happened({ entry, question }) {
    if (!this.isRecording || entry.at < this.startedAt) return;
    const { event, messageId = "" } = entry;
    if (event === "connected") return this.add({ expect: "connected", within: WITHIN_MS });
    if (event !== "received" || question?.answer?.entry !== entry) return;
    const reference = this.#references.get(messageId);
    if (reference) return this.#expectAck(reference);
    if (this.#early.size > MAX_EARLY) this.#early.clear();
    this.#early.add(messageId);
  }

  /** @param {string} messageId */
  #expectAck(messageId) {
    this.add({ expect: "ack", messageId, within: WITHIN_MS });
  }

  /**
   * Returns the scenario so far.
   *
   * @param {string} name
   */
  scenario(name) {
    return { name, steps: this.steps };
  }

  /**
   * Names a result that later steps may refer to.
   *
   * @param {string} operation
   * @param {Record<string, unknown>} result
   */
  #name(operation, result) {
    if (!result.messageId && !result.taskArn && !result.id) return undefined;
    const word = RESULT.exec(operation)?.[1] ?? "result";
    const taken = new Set(this.steps.map(({ as }) => as));
    for (let number = 1;; number++) {
      const name = number === 1 ? word : `${word}${number}`;
      if (!taken.has(name)) return name;
    }
  }

  /**
   * Replaces values of earlier results with references. In other strings, a leading dollar sign is
   * doubled.
   *
   * @param {unknown} value
   * @returns {unknown}
   */
  #refer(value) {
    return withTexts(value, (text) => this.#references.get(text) ?? escaped(text));
  }
}

/** Maximum length of a step's input in a line, in characters. */
const MAX_INPUT = 400;

/**
 * Formats a step in one line.
 *
 * @param {Step} step
 */
export function stepText(step) {
  if (step.do !== undefined) {
    const json = step.with === undefined ? "" : ` ${JSON.stringify(step.with)}`;
    const input = json.length > MAX_INPUT ? `${json.slice(0, MAX_INPUT)}…` : json;
    return `do ${step.do}${input}${step.as === undefined ? "" : ` as ${step.as}`}`;
  }
  const [kind, event] = step.expectNo === undefined
    ? ["expect", step.expect]
    : ["expect no", step.expectNo];
  const { expect: _e, expectNo: _n, within, ...rest } = step;
  const details = Object.values(rest).map((value) =>
    typeof value === "object" ? JSON.stringify(value) : String(value)
  );
  return [kind, event, ...details, within === undefined ? "" : `within ${within} ms`]
    .filter(Boolean).join(" ");
}
