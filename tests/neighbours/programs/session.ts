/**
 * A session, with nothing else in its process.
 *
 * @module
 */

import { playSession } from "./play_session.ts";

void playSession();
