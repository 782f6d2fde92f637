/**
 * The views of the page, as tabs.
 *
 * @module
 */

import { byId, on, part } from "./dom.js";

/** The names of the views, in order. */
export const VIEWS = ["live", "tasks", "pending", "faults", "scenario"];

export class Views {
  current = "live";
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
    for (const [index, name] of VIEWS.entries()) {
      const tab = this.#tab(name);
      on(tab, "click", () => this.show(name));
      on(tab, "keydown", ({ key }) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
        if (step === undefined) return;
        const shown = VIEWS.filter((each) => this.#tab(each).offsetParent !== null);
        const next = shown[(shown.indexOf(name) + step + shown.length) % shown.length];
        if (next === undefined) return;
        this.show(next);
        this.#tab(next).focus();
      });
      tab.title = `${index + 1}`;
    }
    this.#select("live");
  }

  /** @param {string} name */
  show(name) {
    this.#select(name);
    this.#changed();
  }

  /** @param {string} name */
  #select(name) {
    this.current = name;
    for (const each of VIEWS) {
      const tab = this.#tab(each);
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      part(`panel-${each}`).hidden = each !== name;
    }
  }

  /**
   * @param {string} name
   * @param {number | string} count
   */
  count(name, count) {
    const label = this.#tab(name).querySelector("b");
    const text = count === 0 ? "" : String(count);
    if (label && label.textContent !== text) label.textContent = text;
  }

  /** @param {string} name */
  #tab(name) {
    return byId(`tab-${name}`, "button");
  }
}
