/**
 * Imports the package and does nothing else.
 *
 * @module
 */

import "@acs/session";
