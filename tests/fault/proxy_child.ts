/**
 * Connects once with the native transport, reports on standard output what came of it, and then ends
 * by itself, if nothing is left open, as soon as its standard input ends. A line on standard input
 * aborts. Proxies are given to a whole process, and only a process can end: hence one of its own.
 *
 * Arguments: the URL, and perhaps what breaks Node's WebSocket, see `broken_websocket.ts`, or
 * `proxy` and a proxy's URL, which the global dispatcher then uses and not the environment's.
 *
 * @module
 */

import process from "node:process";
import { createNativeTransport } from "../../wsclient/transports/native.ts";
import { BREAKAGES } from "./broken_websocket.ts";
import { requestFor } from "./kit.ts";
import { createDispatcher, globalDispatcherKey } from "./trust.ts";

function tell(outcome: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

const [, , url = "", change, httpsProxy] = process.argv;
if (change === "proxy") {
  Reflect.set(globalThis, globalDispatcherKey(), createDispatcher({ httpsProxy }));
} else if (change !== undefined) BREAKAGES[change]?.apply();
const controller = new AbortController();
process.stdin.on("data", () => controller.abort(new Error("told to abort")));
try {
  const connection = await createNativeTransport({ closeGraceMs: 50 }).connect(
    requestFor(url, controller.signal),
  );
  connection.listen({
    message(data) {
      tell({ data });
      connection.close(1000, "");
    },
    end: tell,
  });
} catch (error) {
  tell(error instanceof Error ? { name: error.name, message: error.message } : { error });
}
