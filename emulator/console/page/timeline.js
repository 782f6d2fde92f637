/**
 * The list of rows. Only the visible rows have elements.
 *
 * @module
 */

import { clock, duration, shortType } from "./entry.js";
import { h, on, setText } from "./dom.js";
import { KeyedList } from "./keyed.js";

/** @typedef {import("./entry.js").Row} Row */

/** The height of a row, in px; the same as in the stylesheet. */
const ROW_HEIGHT = 22;

/** Number of rows that are rendered above and below the visible ones. */
const MARGIN_ROWS = 6;

/** The parts of a row. */
const PARTS = ["time", "agent", "sign", "title", "note", "answer"];

/** @typedef {{ row: Row, index: number }} Place A row, and where in the list it is. */

export class Timeline {
  /** @type {Row[]} The rows that match the filter. */
  rows = [];
  /** @type {Row | undefined} */
  selected;
  /** Whether the newest row stays in view. */
  isFollowing = true;
  #viewport;
  #spacer;
  #onSelect;
  #onFollow;
  /** An element shows the same event until it is removed, so that no click selects another one. */
  #elements;
  #isScheduled = false;

  /**
   * @param {HTMLElement} viewport
   * @param {{ selected: (row: Row | undefined) => void, followed: (isFollowing: boolean) => void }} hooks
   */
  constructor(viewport, hooks) {
    this.#viewport = viewport;
    this.#onSelect = hooks.selected;
    this.#onFollow = hooks.followed;
    this.#spacer = h("div", { class: "spacer", role: "presentation" });
    viewport.append(this.#spacer);
    this.#elements = new KeyedList(
      this.#spacer,
      /** @param {Place} place */
      ({ row }) => String(row.entry.number),
      ({ row }) => this.#create(row),
    );
    on(viewport, "scroll", () => this.#scrolled());
    on(viewport, "keydown", (event) => this.#key(event));
    on(viewport, "pointerdown", (event) => {
      // The row must not move away before the click.
      if (rowElement(event)) this.follow(false);
    });
    on(viewport, "click", (event) => this.#click(event));
    new ResizeObserver(() => this.changed()).observe(viewport);
  }

  /** @param {Row[]} rows Replaces all rows. */
  show(rows) {
    this.rows = rows;
    if (this.selected && !rows.includes(this.selected)) this.select(undefined);
    this.changed();
  }

  /**
   * Drops all rows before the given one.
   *
   * @param {Row} oldest
   */
  dropBefore(oldest) {
    const count = this.rows.findIndex(({ entry }) => entry.number >= oldest.entry.number);
    this.rows.splice(0, count < 0 ? this.rows.length : count);
    if (count > 0 && !this.isFollowing) this.#viewport.scrollTop -= count * ROW_HEIGHT;
    this.changed();
  }

  /** Schedules a redraw. */
  changed() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
    });
  }

  /** @param {boolean} isFollowing */
  follow(isFollowing) {
    if (this.isFollowing === isFollowing) return;
    this.isFollowing = isFollowing;
    this.#onFollow(isFollowing);
    this.changed();
  }

  /** @param {Row | undefined} row */
  select(row) {
    if (this.selected === row) return;
    this.selected = row;
    this.#onSelect(row);
    this.changed();
  }

  /**
   * Selects a row and brings it into view.
   *
   * @param {number} index
   */
  go(index) {
    const row = this.rows[Math.max(0, Math.min(index, this.rows.length - 1))];
    if (!row) return;
    this.follow(false);
    this.select(row);
    const top = this.rows.indexOf(row) * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.#viewport;
    if (top < scrollTop) this.#viewport.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) {
      this.#viewport.scrollTop = top + ROW_HEIGHT - clientHeight;
    }
  }

  focus() {
    this.#viewport.focus();
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.#viewport;
    this.follow(scrollTop + clientHeight >= scrollHeight - ROW_HEIGHT);
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = !this.selected ? -1 : this.rows.indexOf(this.selected);
    const page = Math.max(1, Math.floor(this.#viewport.clientHeight / ROW_HEIGHT) - 1);
    const last = this.rows.length - 1;
    /** @type {Record<string, number>} */
    const places = {
      ArrowDown: at < 0 ? last : at + 1,
      ArrowUp: at < 0 ? last : at - 1,
      PageDown: at + page,
      PageUp: at < 0 ? last - page : at - page,
      Home: 0,
      End: last,
    };
    const place = places[event.key];
    if (place === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.go(place);
    if (event.key === "End") this.follow(true);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const number = Number(rowElement(event)?.getAttribute("data-number"));
    const row = this.rows.find(({ entry }) => entry.number === number);
    if (!row) return;
    // Keeps the clicked row in view when the details open.
    this.follow(false);
    this.select(row);
    requestAnimationFrame(() => this.go(this.rows.indexOf(row)));
  }

  #draw() {
    const { rows } = this;
    const height = rows.length * ROW_HEIGHT;
    this.#spacer.style.height = `${height}px`;
    const { clientHeight } = this.#viewport;
    if (this.isFollowing) this.#viewport.scrollTop = Math.max(0, height - clientHeight);
    const first = Math.max(0, Math.floor(this.#viewport.scrollTop / ROW_HEIGHT) - MARGIN_ROWS);
    const count = Math.min(
      rows.length - first,
      Math.ceil(clientHeight / ROW_HEIGHT) + 2 * MARGIN_ROWS,
    );
    const visible = rows.slice(first, first + count);
    this.#elements.show(visible.map((row, place) => ({ row, index: first + place })));
    const active = this.selected && visible.includes(this.selected) ? this.selected : undefined;
    if (active) this.#viewport.setAttribute("aria-activedescendant", idOf(active));
    else this.#viewport.removeAttribute("aria-activedescendant");
  }

  /** @param {Row} created */
  #create(created) {
    const parts = PARTS.map((part) => h("span", { class: part }));
    const { number } = created.entry;
    const attributes = { role: "option", id: idOf(created), "data-number": number };
    const element = h("div", attributes, ...parts);
    /** @type {unknown[]} What it shows: the row, its answer, and whether it is selected. */
    let shown = [];
    /** @param {Place} place */
    const update = ({ row, index }) => {
      element.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
      element.setAttribute("aria-posinset", String(index + 1));
      element.setAttribute("aria-setsize", String(this.rows.length));
      const isSelected = row === this.selected;
      const next = [row, row.answer, isSelected];
      if (next.every((part, place) => part === shown[place])) return;
      shown = next;
      element.className = `row ${row.tone}`;
      element.setAttribute("aria-selected", String(isSelected));
      const { entry, agent, sign, title, note } = row;
      const texts = [clock(entry.at), agent, sign, title, note, answerText(row)];
      for (const [place, part] of parts.entries()) setText(part, texts[place] ?? "");
      parts[5]?.classList.toggle("bad", row.answer?.entry.type === "NackRequest");
    };
    return { element, update };
  }
}

/** @param {Row} row */
function answerText({ answer, latency, question }) {
  if (answer) {
    const { type } = answer.entry;
    const name = type === "HeartbeatAckRequest" ? "" : `${shortType(type)} `;
    return `◀ ${name}${duration(latency ?? 0)}`;
  }
  return !question ? "" : `after ${duration(latency ?? 0)}`;
}

/** @param {Row} row */
function idOf({ entry }) {
  return `row-${entry.number}`;
}

/** @param {Event} event */
function rowElement({ target }) {
  return target instanceof Element ? target.closest(".row") : null;
}
