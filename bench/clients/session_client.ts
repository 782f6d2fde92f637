/**
 * Sessions with a log for warnings that discards them, and without a metrics SDK.
 *
 * @module
 */

import { configure } from "@logtape/logtape";
import { type ClientArguments, startClient } from "./client_process.ts";
import { createSession } from "./create_session.ts";

await configure({
  sinks: { nowhere: () => {} },
  loggers: [
    { category: ["acs", "session"], lowestLevel: "warning", sinks: ["nowhere"] },
    { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["nowhere"] },
  ],
});
startClient(open);

function open(options: ClientArguments): Promise<void> {
  const session = createSession(options);
  void session.start();
  return new Promise((resolve) => {
    session.addEventListener("connected", () => resolve(), { once: true });
  });
}
