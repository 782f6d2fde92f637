/**
 * The details of the selected row: a message next to its answer, or a refused request next to the
 * expected one.
 *
 * @module
 */

import { token } from "./api.js";
import { asCurl, asStep, resendInput } from "./commands.js";
import { button, copy, h } from "./dom.js";
import { clock, duration } from "./entry.js";
import { jsonText, pre } from "./json_text.js";

/** @typedef {import("./entry.js").Row} Row */
/** @typedef {import("./entry.js").Entry} Entry */

/**
 * @typedef {object} DetailHooks
 * @property {boolean} isLive Whether calls can be made.
 * @property {(operation: string, input: Record<string, unknown>) => void} send
 * @property {(step: import("./commands.js").Step) => void} addStep
 * @property {() => void} close
 */

/**
 * Shows a row.
 *
 * @param {HTMLElement} panel
 * @param {Row} row
 * @param {DetailHooks} hooks
 */
export function showDetail(panel, row, hooks) {
  const { entry } = row;
  const resend = resendInput(row);
  const hasToken = token() !== undefined;
  // A trace is not served by an emulator, so the command is for one on the default port.
  const origin = hooks.isLive ? location.origin : "http://127.0.0.1:4570";
  const curl = resend
    ? asCurl(origin, "send", resend, { isQuery: false, hasToken })
    : hooks.isLive
    ? asCurl(origin, "transcript", { after: entry.number - 1, limit: 1 }, {
      isQuery: true,
      hasToken,
    })
    : undefined;
  panel.replaceChildren(
    h(
      "header",
      {},
      h("h2", {}, `${row.title}`),
      h(
        "span",
        { class: "meta" },
        [row.agent, clock(entry.at), `entry ${entry.number}`]
          .filter(Boolean).join(" · "),
      ),
      h(
        "span",
        { class: "actions" },
        !curl ? undefined : button("as curl", () => void copy(curl, "the curl line"), {
          title: curl.slice(0, 500),
        }),
        button("as scenario step", () => hooks.addStep(asStep(row)), {
          title: "Adds this entry to the scenario",
        }),
        button("copy JSON", () => void copy(JSON.stringify(entry, undefined, 2), "the JSON")),
        resend && hooks.isLive
          ? button("replay", () => hooks.send("send", resend), {
            title: "Resends the message with a new id, without redacted values",
          })
          : undefined,
        button("✕", hooks.close, { "aria-label": "Close the details", title: "Close (Esc)" }),
      ),
    ),
    h("div", { class: "columns" }, ...columns(row)),
  );
}

/**
 * @param {Row} row
 * @returns {HTMLElement[]}
 */
function columns(row) {
  const { entry, answer, question } = row;
  if (entry.event === "refused") return refusal(entry);
  const isMessage = entry.event === "sent" || entry.event === "received";
  if (!isMessage) return [column("Entry", jsonText(entry, "The entry"))];
  const own = column(
    `${entry.event === "sent" ? "▶ sent to the agent" : "◀ received"}, ${entry.bytes ?? 0} bytes`,
    jsonText(entry.message ?? entry, "The message"),
  );
  if (question) {
    return [
      column(
        `▶ ${question.title}`,
        jsonText(question.entry.message, "The message that it answers"),
      ),
      own,
    ];
  }
  if (answer) {
    const title = `◀ ${answer.entry.type} after ${duration(row.latency ?? 0)}`;
    return [own, column(title, jsonText(answer.entry.message, "The answer"))];
  }
  return entry.event === "sent"
    ? [own, column("◀ no answer yet", h("p", { class: "dim" }, "The agent has not answered it."))]
    : [own];
}

/**
 * @param {Entry} entry
 * @returns {HTMLElement[]}
 */
function refusal({ status, exception, reason, sent, expected }) {
  const why = h("p", { class: "why" }, [status, exception, reason].filter(Boolean).join(" · "));
  const request = sent && [`${sent.method} ${sent.target}`, ""];
  const names = [
    ...new Set([
      ...Object.keys(expected?.headers ?? {}),
      ...Object.keys(sent?.headers ?? {}),
    ]),
  ];
  const left = column(
    "What the agent sent",
    why,
    request && pre("The request", request.join("\n")),
  );
  const rows = names.map((name) => {
    const was = sent?.headers[name];
    const wanted = expected?.headers[name];
    return h(
      "tr",
      { class: wanted === undefined ? "" : was === undefined ? "missing" : "compared" },
      h("th", { scope: "row" }, name),
      h("td", {}, was ?? "(missing)"),
      expected && h("td", {}, wanted ?? "as sent"),
    );
  });
  left.append(h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "header"),
        h("th", { scope: "col" }, "sent"),
        expected && h("th", { scope: "col" }, "expected"),
      ),
    ),
    h("tbody", {}, ...rows),
  ));
  if (!expected?.canonicalRequest) return [left];
  return [
    left,
    column(
      "The canonical request that the emulator signed",
      pre("The canonical request", expected.canonicalRequest),
    ),
  ];
}

/**
 * @param {string} title
 * @param {...(Node | undefined)} children
 */
function column(title, ...children) {
  return h("section", {}, h("h3", {}, title), ...children);
}
