/**
 * A process with one session and nothing else: its handler acknowledges, and there is no log and no
 * metrics.
 *
 * @module
 */

import { createSession } from "./create_session.ts";
import { urlArgument } from "./url_argument.ts";

await createSession({ url: urlArgument() }).start();
