/**
 * A process with one smallest possible session and nothing else: an agent cannot weigh less.
 *
 * @module
 */

import { openMinimalSession } from "./minimal_session.ts";
import { urlArgument } from "./url_argument.ts";

await openMinimalSession(urlArgument());
