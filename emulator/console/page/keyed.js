/**
 * Updates a list of elements from data without replacing elements, so that the focus is kept.
 *
 * @module
 */

/**
 * A list with one element for each item.
 *
 * @template T
 * @template {HTMLElement} E
 */
export class KeyedList {
  /** @type {Map<string, { element: E, update: (item: T) => void }>} */
  #elements = new Map();

  /**
   * @param {HTMLElement} parent
   * @param {(item: T) => string} keyOf
   * @param {(item: T) => { element: E, update: (item: T) => void }} create
   */
  constructor(parent, keyOf, create) {
    this.parent = parent;
    this.keyOf = keyOf;
    this.create = create;
  }

  /** @param {readonly T[]} items In order. */
  show(items) {
    const old = this.#elements;
    this.#elements = new Map();
    /** @type {Element | null} */
    let place = this.parent.firstElementChild;
    for (const item of items) {
      const key = this.keyOf(item);
      const known = old.get(key) ?? this.create(item);
      old.delete(key);
      this.#elements.set(key, known);
      known.update(item);
      if (known.element === place) place = place.nextElementSibling;
      else this.parent.insertBefore(known.element, place);
    }
    for (const { element } of old.values()) element.remove();
  }
}
