/**
 * Where the session logs. Silent until the application configures LogTape.
 *
 * @module
 */

import { getLogger, type Logger } from "@logtape/logtape";

/** The category of all loggers of this package. */
export const LOG_CATEGORY: readonly string[] = ["acs", "session"];

/** The session's logger. */
export const logger: Logger = getLogger([...LOG_CATEGORY]);
