/**
 * The paths of the control plane and its console, kept apart from both so that neither has to be
 * loaded.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import { splitTarget } from "../http/requests.ts";

/** The control plane is served below this path. */
export const CONTROL_PATH = "/emulator/";

/** The console is served below this path. */
export const CONSOLE_PATH = "/emulator/ui/";

/** Whether a request is a control call. */
export function isControlRequest(request: IncomingMessage): boolean {
  const { path } = splitTarget(request);
  return path.startsWith(CONTROL_PATH) || `${path}/` === CONTROL_PATH;
}
