/**
 * What may be reported.
 *
 * @module
 */

import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import type { Fail } from "./invariant.ts";

/**
 * Checks that no event, log record, measurement, health report or answer to the service contains a
 * secret.
 */
export function reportsNoSecrets(world: World, fail: Fail): Checks {
  const isQuiet = new Set(["received", "connected", "waiting"]);
  const searched = new WeakSet<object>();
  const search = (where: string, value: unknown) => {
    if (typeof value === "object" && value !== null) {
      // The same error is reported several times.
      if (searched.has(value)) return;
      searched.add(value);
    }
    const [leaked] = SECRETS.exec(textOf(value)) ?? [];
    if (leaked !== undefined) fail(`${where} contains ${leaked}`);
  };
  return {
    reported(type, detail) {
      if (isQuiet.has(type)) return;
      for (const value of Object.values(detail)) search(type, value);
    },
    logged({ level, message, properties }) {
      const where = `a record of the level ${level}`;
      search(where, message.join(""));
      for (const name in properties) search(where, properties[name]);
    },
    measured: (instrument, attributes) => search(instrument, attributes),
    sent: ({ type, fields }) => search(type, fields),
    look() {
      const { health } = world;
      if (health === undefined || health.ready) return;
      search("health", [health.problems, health.lastError]);
    },
  };
}

/**
 * Everything that is secret in a simulation begins like one of these, or is 40 hexadecimal digits:
 * the secret access keys of roles.
 */
const SECRETS = /simulated-s|EMULATED-|AWS4-HMAC|\b[0-9a-f]{40}\b/;

/** All texts of a report, including causes. */
function textOf(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > 5) return "";
  const names = Object.getOwnPropertyNames(value).filter((name) => name !== "refusal");
  return names.map((name) => textOf(Reflect.get(value, name), depth + 1)).join("\n");
}
