/**
 * Shows agents as options of a form.
 *
 * @module
 */

import { h } from "./dom.js";
import { shortName } from "./entry.js";

/**
 * Adds the agents that a form does not have yet.
 *
 * @param {HTMLSelectElement} select
 * @param {readonly string[]} agents Their ARNs.
 */
export function addAgents(select, agents) {
  const known = [...select.options].map(({ value }) => value);
  for (const arn of agents) {
    if (!known.includes(arn)) select.append(h("option", { value: arn }, shortName(arn)));
  }
}
