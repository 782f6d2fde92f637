/**
 * Smallest possible sessions, whose memory a session's is compared with.
 *
 * @module
 */

import { startClient } from "./client_process.ts";
import { openMinimalSession } from "./minimal_session.ts";

startClient(({ url }) => openMinimalSession(url));
