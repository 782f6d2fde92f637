/**
 * Minimal sessions, as the yardstick for the memory of sessions.
 *
 * @module
 */

import { startClient } from "./client_process.ts";
import { openMinimalSession } from "./minimal_session.ts";

startClient(({ url }) => openMinimalSession(url));
