/**
 * Breaks Node's WebSocket, connects twice with the native transport, and prints the outcomes and
 * what was logged. The breakage cannot be undone, so this is a separate process.
 *
 * Arguments: the URL, and what breaks it, see `broken_websocket.ts`; `silence` for a dispatcher
 * that never calls back.
 *
 * @module
 */

import process from "node:process";
import { ConnectError } from "../../errors.ts";
import { nativeTransport } from "../../wsclient/transports/native.ts";
import { BREAKAGES, silenceDispatcher } from "./broken_websocket.ts";
import { requestFor } from "./transports_under_test.ts";

const [, , url = "", breakage = ""] = process.argv;
const warnings: string[] = [];
const outcomes: string[] = [];
const warn = (text: string) => void warnings.push(text);

async function attempt(signal?: AbortSignal): Promise<void> {
  try {
    const connection = await nativeTransport.connect({ ...requestFor(url, signal), warn });
    const message = await new Promise((resolve) =>
      connection.listen({ message: resolve, end: resolve })
    );
    outcomes.push(String(message));
    await connection.close(1000, "");
  } catch (error) {
    outcomes.push(error instanceof Error ? error.message : String(error));
  }
}

if (breakage === "silence") {
  silenceDispatcher();
  const limit = new AbortController();
  // As the client does when its connect timeout has passed.
  setImmediate(() => limit.abort(new ConnectError("time is up")));
  await attempt(limit.signal);
} else {
  BREAKAGES[breakage]?.apply();
}
await attempt();
await attempt();
process.stdout.write(JSON.stringify({ outcomes, warnings }));
