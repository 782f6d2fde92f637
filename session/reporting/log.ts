/**
 * Where the session logs. Silent until the application configures LogTape.
 *
 * @module
 */

import { type SafeLogger, safeLogger } from "../../internal/safe_logger.ts";

/** The category of all loggers of the session. */
export const LOG_CATEGORY: readonly string[] = ["acs", "session"];

/** The session's logger. */
export const logger: SafeLogger = safeLogger(LOG_CATEGORY);
