/**
 * Warns once, on the runtime's own channel, if a problem that the session reports is unheard: the
 * library logs nothing until the application configures LogTape.
 *
 * @module
 */

import { safeGet } from "../../internal/safe_get.ts";

/** The kinds of problems. */
export type UnheardKind = "connecting" | "handler";

/** Each kind is reported once per process, whatever the number of sessions. */
const reported = new Set<UnheardKind>();

/**
 * Warns, unless a problem of that kind has been reported in this process.
 *
 * @param kind The kind of problem.
 * @param text The problem, in one line, without secrets.
 */
export function warnUnheard(kind: UnheardKind, text: string): void {
  if (reported.has(kind)) return;
  reported.add(kind);
  emit(
    `@acs/session: ${
      text.replace(/\.$/, "")
    }. This is reported only once, because no log and no listener is ` +
      "configured; see docs/metrics.md#logging. To disable this warning, set warnIfUnheard: false",
  );
}

function emit(text: string): void {
  try {
    const runtime = safeGet(globalThis, "process");
    const emitWarning = safeGet(runtime, "emitWarning");
    if (typeof emitWarning === "function") {
      Reflect.apply(emitWarning, runtime, [text, { code: "ACS_UNHEARD" }]);
      return;
    }
    // deno-lint-ignore no-console
    console.warn(text);
  } catch {
    // The application may have replaced either of them with one that throws; there is nowhere left
    // to report to.
  }
}
