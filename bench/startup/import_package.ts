/**
 * Imports the package, and does nothing with it.
 *
 * @module
 */

import "@acs/session";
