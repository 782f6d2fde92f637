/**
 * The bare loop and nothing around it: what a session is measured against.
 *
 * @module
 */

import { answerAll } from "./bare_loop.ts";
import { startClient } from "./client_process.ts";

startClient(({ url }) => answerAll(new WebSocket(`${url.replace("http", "ws")}/ws`)));
