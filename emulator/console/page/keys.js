/**
 * The keyboard shortcuts of the page. Its help lists the same ones.
 *
 * @module
 */

/**
 * @param {Record<string, () => void>} actions The action for each key, unless an input has the
 * focus.
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
