/**
 * The bare loop on its own, which a session is compared with.
 *
 * @module
 */

import { answerAll } from "./bare_loop.ts";
import { startClient } from "./client_process.ts";

startClient(({ url }) => answerAll(new WebSocket(`${url.replace("http", "ws")}/ws`)));
