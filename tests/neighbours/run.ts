/**
 * `deno task test:neighbours [family...]`: tests the package in the same process with other
 * packages, and with other versions of its tools. Without a family name, it runs them all.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT, VERSION } from "../../scripts/npm/deno_config.ts";
import { print } from "../../scripts/npm/output.ts";
import { Tally } from "../node/tally.ts";
import { checkNeighbours, FAMILIES } from "./neighbours.ts";

const names = Deno.args.length > 0 ? Deno.args : Object.keys(FAMILIES);
const families = names.map((name) => {
  const family = FAMILIES[name];
  if (family === undefined) throw new Error(`no family ${name}: ${Object.keys(FAMILIES).join()}`);
  return family;
});
const tally = new Tally();
await checkNeighbours(join(ROOT, "npm", "build", `acs-session-${VERSION}.tgz`), tally, families);
print(String(tally));
Deno.exit(tally.failed === 0 ? 0 : 1);
