/**
 * Starts the page with a running emulator or a trace.
 *
 * @module
 */

import { byId, on } from "./dom.js";
import { Page } from "./page.js";

const page = new Page();
for (const type of ["dragover", "dragleave", "drop"]) {
  addEventListener(type, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dropping", type === "dragover");
  });
}
addEventListener("drop", async ({ dataTransfer }) => {
  const file = dataTransfer?.files[0];
  if (file) await page.openTrace(await file.text(), file.name);
});
on(byId("trace-file", "input"), "change", async ({ target }) => {
  const file = target instanceof HTMLInputElement ? target.files?.[0] : undefined;
  if (file) await page.openTrace(await file.text(), file.name);
});

const trace = new URLSearchParams(location.search).has("trace") ? await fetch("trace") : undefined;
if (trace?.ok) await page.openTrace(await trace.text(), "trace");
else await page.follow();
