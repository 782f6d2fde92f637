/**
 * Loaded with `node --import`: writes the URL of every module that is loaded to standard output.
 *
 * @module
 */

import { registerHooks } from "node:module";
import process from "node:process";

registerHooks({
  load(url, context, nextLoad) {
    process.stdout.write(`${url}\n`);
    return nextLoad(url, context);
  },
});
