/**
 * Prompts for the control token.
 *
 * @module
 */

import { setToken, token } from "./api.js";
import { byId, part, setText } from "./dom.js";

/**
 * Prompts until the user has entered a token. It is kept in `sessionStorage`.
 *
 * @returns {Promise<void>}
 */
export function promptForToken() {
  const dialog = byId("token-dialog", "dialog");
  const input = byId("token", "input");
  setText(
    part("token-problem"),
    token() === undefined ? "" : "The emulator does not accept this token.",
  );
  setToken(undefined);
  dialog.oncancel = (event) => event.preventDefault();
  if (!dialog.open) dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    byId("token-form", "form").onsubmit = (event) => {
      event.preventDefault();
      setToken(input.value);
      input.value = "";
      dialog.close();
      resolve();
    };
  });
}
