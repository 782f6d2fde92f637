/**
 * The tables of tasks and of pending messages.
 *
 * @module
 */

import { button, h, part, setText } from "./dom.js";
import { shortName, shortType } from "./entry.js";
import { KeyedList } from "./keyed.js";

/** @typedef {import("./model.js").Task} Task */

/** Maximum number of rows of a table. */
export const MAX_TABLE_ROWS = 200;

export class TasksTable {
  /** @type {KeyedList<Task & { family: string }, HTMLElement>} */
  #rows;

  /**
   * @param {(operation: string, input: Record<string, unknown>) => void} send
   * @param {(word: string) => void} filter
   */
  constructor(send, filter) {
    this.#rows = new KeyedList(
      part("tasks"),
      ({ taskArn }) => taskArn,
      ({ taskArn, family }) => {
        const name = shortName(taskArn);
        const agent = h("td");
        const desired = h("td");
        const last = h("td", { class: "status" });
        const stop = button("stop", () => send("stop-task", { taskArn }), {
          "aria-label": `stop task ${name}`,
        });
        const rotate = button("rotate credentials", () => send("rotate-credentials", { taskArn }), {
          "aria-label": `rotate credentials of task ${name}`,
        });
        const familyCell = h("td", {}, family);
        const element = h(
          "tr",
          { title: taskArn },
          h(
            "th",
            { scope: "row" },
            button(name, () => filter(taskArn), { class: "name" }),
          ),
          familyCell,
          agent,
          desired,
          last,
          h("td", { class: "actions" }, stop, rotate),
        );
        return {
          element,
          update(task) {
            setText(familyCell, task.family);
            setText(
              agent,
              task.waiting ? "waiting for an agent" : shortName(task.containerInstanceArn),
            );
            setText(desired, task.desiredStatus ?? "");
            setText(last, task.lastStatus ?? "");
            last.className = `status ${task.lastStatus === "RUNNING" ? "good" : "dim"}`;
            stop.disabled = task.desiredStatus === "STOPPED";
          },
        };
      },
    );
  }

  /** @param {readonly (Task & { family: string })[]} tasks Newest first. */
  show(tasks) {
    this.#rows.show(tasks.slice(0, MAX_TABLE_ROWS));
    const rest = tasks.length - MAX_TABLE_ROWS;
    setText(
      part("tasks-note"),
      tasks.length === 0
        ? "No task has been run. Press “task” next to an agent, or send run-task."
        : rest > 0
        ? `… and ${rest} older ones`
        : "",
    );
  }
}

/** @typedef {{ type?: string, messageId: string, containerInstanceArn?: string }} Pending */

export class PendingTable {
  /** @type {KeyedList<{ key: string, message: Pending }, HTMLElement>} */
  #rows;

  /** @param {(word: string) => void} filter */
  constructor(filter) {
    this.#rows = new KeyedList(
      part("pending"),
      ({ key }) => key,
      ({ message: { type, messageId } }) => {
        const agent = h("td");
        return {
          element: h(
            "tr",
            {},
            h("th", { scope: "row" }, shortType(type)),
            h(
              "td",
              {},
              messageId === "" ? "" : button(messageId, () => filter(messageId), { class: "name" }),
            ),
            agent,
          ),
          update({ message: { containerInstanceArn } }) {
            setText(agent, shortName(containerInstanceArn) || "the next agent to connect");
          },
        };
      },
    );
  }

  /** @param {readonly Pending[]} pending */
  show(pending) {
    this.#rows.show(
      pending.slice(0, MAX_TABLE_ROWS)
        .map((message, index) => ({ key: message.messageId || `raw ${index}`, message })),
    );
    const rest = pending.length - MAX_TABLE_ROWS;
    setText(
      part("pending-note"),
      pending.length === 0
        ? "Every message has been sent and acknowledged."
        : rest > 0
        ? `… and ${rest} more`
        : "",
    );
  }
}
