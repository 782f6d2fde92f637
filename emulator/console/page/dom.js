/**
 * Builds elements. Text is always set as text.
 *
 * @module
 */

/**
 * Creates an element.
 *
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Record<string, string | boolean | number | undefined | ((event: Event) => void)>} [attributes]
 * Functions are listeners; `true` is an empty attribute, `false` and `undefined` are none.
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
 * A button.
 *
 * @param {string} label
 * @param {() => void} act
 * @param {Record<string, string | boolean | undefined>} [attributes]
 */
export function button(label, act, attributes = {}) {
  return h("button", { type: "button", click: act, ...attributes }, label);
}

/**
 * The element with an id, which the page has.
 *
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} type
 * @returns {E}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page has no ${type.name} #${id}`);
  return element;
}

/**
 * The element with an id, of any type.
 *
 * @param {string} id
 */
export function part(id) {
  return byId(id, HTMLElement);
}

/**
 * Sets the text of an element, unless it has it.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Copies a text, and shows a confirmation.
 *
 * @param {string} text
 * @param {string} what
 */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    announce(`Copied ${what}.`);
  } catch {
    // Without https or a click, browsers refuse.
    announce(`The browser does not allow copying.`, true);
  }
}

/**
 * Shows a short text for a while; screen readers read it.
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
 * Offers a text as a file.
 *
 * @param {string} name
 * @param {string} text
 */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
