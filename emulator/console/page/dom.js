/**
 * Creates elements. Text is always set as text, never as markup.
 *
 * @module
 */

/**
 * Creates an element.
 *
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Record<string, string | boolean | number | undefined | ((event: Event) => void)>}
 * [attributes] Functions are added as listeners; `true` sets an empty attribute, `false` and
 * `undefined` set none.
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/**
 * Creates a button.
 *
 * @param {string} label
 * @param {() => void} act
 * @param {Record<string, string | boolean | undefined>} [attributes]
 */
export function button(label, act, attributes = {}) {
  return h("button", { type: "button", click: act, ...attributes }, label);
}

/**
 * Returns the element with an id. Throws if there is none.
 *
 * @template {keyof HTMLElementTagNameMap} N
 * @param {string} id
 * @param {N} name Its name, such as `button`.
 * @returns {HTMLElementTagNameMap[N]}
 */
export function byId(id, name) {
  const element = document.getElementsByTagName(name).namedItem(id);
  if (!element) throw new Error(`The page has no ${name} #${id}`);
  return element;
}

/**
 * Returns the element with an id, of any type.
 *
 * @param {string} id
 */
export function part(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}`);
  return element;
}

/**
 * Adds an event listener.
 *
 * @template {keyof HTMLElementEventMap} N
 * @param {HTMLElement} element
 * @param {N} name
 * @param {(event: HTMLElementEventMap[N]) => void} listener
 */
export function on(element, name, listener) {
  element.addEventListener(name, listener);
}

/**
 * Sets the text of an element, unless it is unchanged.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Copies text to the clipboard, and shows a confirmation.
 *
 * @param {string} text
 * @param {string} what
 */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    announce(`Copied ${what}.`);
  } catch {
    // Browsers allow it only on https or localhost, after a click.
    announce("The browser does not allow copying.", true);
  }
}

/**
 * Shows a short message for a few seconds; screen readers announce it.
 *
 * @param {string} text
 * @param {boolean} [isProblem]
 */
export function announce(text, isProblem = false) {
  const toast = part("toast");
  toast.textContent = text;
  toast.classList.toggle("bad", isProblem);
  toast.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => toast.classList.remove("shown"), isProblem ? 8_000 : 2_500);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding;

/**
 * Downloads text as a file.
 *
 * @param {string} name
 * @param {string} text
 */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
