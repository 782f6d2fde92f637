/**
 * Where the emulator logs. Silent until the application configures LogTape.
 *
 * @module
 */

import { type SafeLogger, safeLogger } from "../internal/safe_logger.ts";

/** The emulator's logger. */
export const logger: SafeLogger = safeLogger(["acs", "emulator"]);
