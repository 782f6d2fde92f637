/**
 * Follows a running emulator: connects, reconnects and resumes.
 *
 * @module
 */

import { CallError } from "./api.js";
import { readEvents } from "./event_stream.js";
import { Pace } from "./pace.js";

/** @typedef {import("./entry.js").Entry} Entry */

/** The delays between attempts, in ms. */
const DELAYS_MS = [250, 500, 1_000, 2_000, 5_000];

/**
 * @typedef {object} LiveHooks
 * @property {() => number} lastNumber The number of the newest entry that the page has.
 * @property {(entry: Entry) => void} add
 * @property {() => void} restarted Called when the emulator was restarted: all data is obsolete.
 * @property {(status: "connecting" | "live" | "offline", detail: string) => void} status
 * @property {() => Promise<void>} promptForToken Resolves when the user has entered a new token.
 */

export class Live {
  #hooks;
  /** @type {number | undefined} */
  #startedAt;
  #isOver = false;
  /** Ends the delay before the next attempt. */
  #wake = () => {};

  /** @param {LiveHooks} hooks */
  constructor(hooks) {
    this.#hooks = hooks;
    addEventListener("online", () => this.#wake());
    addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  /** Stops following, to show a trace instead. */
  stop() {
    this.#isOver = true;
  }

  async run() {
    for (let failures = 0; !this.#isOver;) {
      try {
        const isRestarted = await this.#follow(() => failures = 0);
        if (isRestarted) continue;
        this.#hooks.status("offline", "The emulator closed the stream.");
      } catch (error) {
        if (this.#isOver) return;
        const status = error instanceof CallError ? error.status : 0;
        if (status === 401) {
          this.#hooks.status("offline", "A control token is needed.");
          await this.#hooks.promptForToken();
          continue;
        }
        this.#hooks.status(
          "offline",
          status === 403
            ? "The control plane is closed: start the emulator with --control-token."
            : "The emulator does not respond.",
        );
      }
      const delay = DELAYS_MS[Math.min(failures++, DELAYS_MS.length - 1)];
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
        setTimeout(resolve, delay);
      });
    }
  }

  /**
   * @param {() => void} connected
   * @returns {Promise<boolean>} Whether the stream is that of a restarted emulator, and has to be
   * read from its start.
   */
  async #follow(connected) {
    const pace = new Pace();
    for await (const { event, data } of readEvents(this.#hooks.lastNumber())) {
      if (this.#isOver) return false;
      const content = JSON.parse(data);
      if (event === "hello") {
        if (this.#startedAt !== undefined && this.#startedAt !== content.startedAt) {
          this.#startedAt = content.startedAt;
          this.#hooks.restarted();
          return true;
        }
        this.#startedAt = content.startedAt;
        connected();
        this.#hooks.status("live", "");
      } else if (event === "gap") {
        const count = content.next - content.after - 1;
        const reason = `the emulator has dropped ${count} earlier entries`;
        // A page that was just opened does not report entries from before that.
        if (content.after > 0) {
          this.#hooks.add({ number: content.next - 1, at: Date.now(), event: "gap", reason });
        }
      } else {
        this.#hooks.add(content);
      }
      if (pace.isOver) await pace.rest();
    }
    return false;
  }
}
