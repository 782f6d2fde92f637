/**
 * A process with one minimal session and nothing else: no agent can use fewer resources.
 *
 * @module
 */

import { openMinimalSession } from "./minimal_session.ts";
import { urlArgument } from "./url_argument.ts";

await openMinimalSession(urlArgument());
