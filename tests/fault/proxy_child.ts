/**
 * Connects once with the native transport, prints the outcome to standard output, and exits, if
 * nothing is left open, as soon as its standard input ends. A line on standard input aborts.
 * Proxies are configured per process, and only a process can exit, so this is a separate one.
 *
 * Arguments: the URL, and optionally what breaks Node's WebSocket, see `broken_websocket.ts`, or
 * `proxy` and a proxy's URL, which the global dispatcher then uses instead of the environment's.
 *
 * @module
 */

import process from "node:process";
import { createNativeTransport } from "../../wsclient/transports/native.ts";
import { BREAKAGES } from "./broken_websocket.ts";
import { requestFor } from "./transports_under_test.ts";
import { createDispatcher, globalDispatcherKey } from "./trust.ts";

function report(outcome: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

const [, , url = "", change, httpsProxy] = process.argv;
if (change === "proxy") {
  Reflect.set(globalThis, globalDispatcherKey(), createDispatcher({ httpsProxy }));
} else if (change !== undefined) BREAKAGES[change]?.apply();
const controller = new AbortController();
process.stdin.on("data", () => controller.abort(new Error("abort requested")));
try {
  const connection = await createNativeTransport({ closeGraceMs: 50 }).connect(
    requestFor(url, controller.signal),
  );
  connection.listen({
    message(data) {
      report({ data });
      connection.close(1000, "");
    },
    end: report,
  });
} catch (error) {
  report(error instanceof Error ? { name: error.name, message: error.message } : { error });
}
