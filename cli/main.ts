/**
 * The program `acs`: runs the command and exits with its code. Nothing exports this file, since
 * importing it runs it; the npm build makes `bin/acs.js` out of it.
 *
 * @module
 */

import process from "node:process";
import { exitWhenFlushed } from "./exit.ts";
import { main } from "./mod.ts";

exitWhenFlushed(await main(process.argv.slice(2)));
