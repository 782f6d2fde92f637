/**
 * Records a scenario, saves it and plays it.
 *
 * @module
 */

import { call, CallError, list } from "./api.js";
import { announce, button, byId, download, h, on, part, setText } from "./dom.js";
import { duration } from "./entry.js";
import { stepText } from "./recorder.js";

/** @typedef {import("./recorder.js").Recorder} Recorder */

export class ScenarioPanel {
  #recorder;
  #record = byId("scenario-record", "button");
  #play = byId("scenario-play", "button");
  #steps = part("scenario-steps");
  #name = byId("scenario-name", "input");
  #report = part("scenario-report");
  #changed;

  /**
   * @param {Recorder} recorder
   * @param {() => void} changed
   */
  constructor(recorder, changed) {
    this.#recorder = recorder;
    this.#changed = changed;
    on(this.#record, "click", () => this.toggle());
    on(this.#play, "click", () => void this.#playNow());
    on(byId("scenario-clear", "button"), "click", () => {
      recorder.clear();
      setText(this.#report, "");
      this.show();
    });
    on(byId("scenario-download", "button"), "click", () => {
      const name = this.#name.value.replace(/[^\w.-]+/g, "_") || "scenario";
      download(`${name}.json`, `${this.text}\n`);
    });
    this.show();
  }

  /** The scenario as the text of a file. */
  get text() {
    return JSON.stringify(this.#recorder.scenario(this.#name.value || "scenario"), undefined, 2);
  }

  toggle() {
    const recorder = this.#recorder;
    if (recorder.isRecording) recorder.stop();
    else recorder.start();
    this.show();
  }

  show() {
    const { steps, isRecording } = this.#recorder;
    this.#record.setAttribute("aria-pressed", String(isRecording));
    setText(this.#record, isRecording ? "■ stop recording" : "● record");
    this.#steps.replaceChildren(...steps.map((step, index) => {
      const text = stepText(step);
      const remove = button("✕", () => {
        this.#recorder.remove(index);
        this.show();
      }, { "aria-label": `Remove step ${index + 1}` });
      return h("li", { "data-step": index + 1 }, h("code", {}, text), remove);
    }));
    part("scenario-none").hidden = steps.length > 0;
    for (const id of ["scenario-download", "scenario-play", "scenario-clear"]) {
      byId(id, "button").disabled = steps.length === 0;
    }
    this.#changed();
  }

  async #playNow() {
    const wasRecording = this.#recorder.isRecording;
    this.#recorder.stop();
    this.show();
    this.#play.disabled = true;
    setText(this.#report, "Playing; see the timeline.");
    try {
      const report = await call("play-scenario", JSON.parse(this.text));
      this.#showReport(report);
    } catch (error) {
      const message = error instanceof CallError ? error.message : String(error);
      setText(this.#report, `✗ ${message}`);
      announce("The scenario could not be played.", true);
    }
    this.#play.disabled = false;
    if (wasRecording) this.#recorder.start();
    this.#changed();
  }

  /** @param {Record<string, unknown>} report */
  #showReport(report) {
    const steps = list(report.steps);
    const { passed } = report;
    const took = duration(Number(report.durationMs));
    for (const { step, outcome, error } of steps) {
      const element = this.#steps.querySelector(`[data-step="${Number(step)}"]`);
      element?.classList.add(String(outcome));
      if (typeof error === "string") element?.append(h("p", { class: "bad" }, error));
    }
    const failed = steps.find(({ outcome }) => outcome === "failed");
    setText(
      this.#report,
      passed
        ? `✓ All ${steps.length} steps passed in ${took}.`
        : `✗ Step ${failed?.step ?? "?"} of ${steps.length} failed: ${failed?.error ?? ""}`,
    );
    announce(passed ? "The scenario passed." : "The scenario failed.", !passed);
  }
}
