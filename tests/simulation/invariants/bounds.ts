/**
 * What may accumulate, and what may be left.
 *
 * @module
 */

import { getEventListeners } from "node:events";
import type { Leaks } from "../globals.ts";
import type { Checks } from "../observer.ts";
import type { World } from "../world.ts";
import type { Fail } from "./invariant.ts";

/** How many listeners a signal may have at the same time. */
const MOST_LISTENERS = 10;

/** Checks that timers, listeners, connections and queued messages are bounded. */
export function isBounded(world: World, fail: Fail, leaks: Leaks): Checks {
  return {
    look() {
      if (leaks.mostListeners > MOST_LISTENERS) {
        fail(`${leaks.mostListeners} listeners of a signal`);
      }
      for (const [what, [count, most]] of Object.entries(countsOf(world))) {
        if (count > most) fail(`${count} ${what}`);
      }
    },
  };
}

/** Checks that no error is unhandled, and only the seed decides what happens. */
export function nothingUnhandled(_world: World, fail: Fail, leaks: Leaks): Checks {
  return {
    step() {
      if (leaks.found.length > 0) fail(leaks.found.join("; "));
    },
  };
}

/** Checks that nothing is left after the stop. */
export function leavesNothing(world: World, fail: Fail): Checks {
  return {
    over() {
      const timers = world.time.pendingOfPrograms;
      if (timers > 0) fail(`${timers} timers`);
      const listeners = getEventListeners(world.agent.shared.signal, "abort").length;
      if (listeners > 0) fail(`${listeners} listeners`);
      for (const { network } of [world, ...world.neighbours]) {
        if (network.links.some((link) => !link.isClientOver)) fail("an open connection");
      }
    },
  };
}

/** What may accumulate, and its maximum. Each agent has its own. */
function countsOf(world: World): Record<string, readonly [count: number, most: number]> {
  const { time, agent, health, network, neighbours } = world;
  const { lanes = [], background } = health ?? {};
  // Credentials that wait for a payload of their task are counted with those in their lane.
  const instances = 1 + neighbours.length;
  return {
    "timers": [time.pendingOfPrograms, 50 * instances],
    "listeners of the signal": [getEventListeners(agent.shared.signal, "abort").length, 3],
    "open connections": [network.links.filter((link) => !link.isClientOver).length, 2],
    "messages in one lane": [
      Math.max(0, ...lanes.map(({ name, depth }) => name === "credentials" ? depth / 2 : depth)),
      26,
    ],
    "handlers in the background": [background?.count ?? 0, 100],
  };
}
