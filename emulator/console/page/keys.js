/**
 * The keys of the page, as its help lists them.
 *
 * @module
 */

/**
 * @param {Record<string, () => void>} actions What each key does, outside of inputs.
 * @param {() => void} escape
 */
export function listenToKeys(actions, escape) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    if (document.querySelector("dialog[open]")) return;
    if (key === "Escape") {
      escape();
      return;
    }
    const isTyping = target instanceof HTMLElement &&
      /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    const action = isTyping ? undefined : actions[key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
