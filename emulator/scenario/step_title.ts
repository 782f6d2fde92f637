/**
 * The title of a step in reports.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import type { DoStep, EventSelection, ScenarioStep } from "./scenario.ts";

/** The step's own title, or a short description of it. */
export function stepTitle(step: ScenarioStep): string {
  if (step.title !== undefined) return step.title;
  if ("do" in step) return doTitle(step);
  if ("pause" in step) return `pause for ${step.pause} ms`;
  const which = selection(step);
  if ("expectNo" in step) return `no ${step.expectNo}${which} for ${step.for} ms`;
  if ("atMost" in step) return `at most ${step.atMost} × ${step.expect}${which} in ${step.for} ms`;
  const count = step.count === undefined ? "" : `${step.count} × `;
  const within = step.within === undefined ? "" : ` within ${step.within} ms`;
  return `${count}${step.expect}${which}${within}`;
}

function doTitle({ do: operation, with: input = {}, as }: DoStep): string {
  const { type, fault } = input;
  const what = typeof type === "string" ? ` ${type}` : faultTitle(fault);
  return `${operation}${what}${as === undefined ? "" : ` as ${as}`}`;
}

function faultTitle(fault: unknown): string {
  if (!isJsonObject(fault)) return "";
  return ` ${[fault.at, fault.action].filter((part) => typeof part === "string").join(" ")}`;
}

function selection({ type, messageId, containerInstanceArn, match }: EventSelection): string {
  const parts = [
    type,
    messageId,
    containerInstanceArn,
    match === undefined ? undefined : `with ${Object.keys(match).join(", ")}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : ` ${parts.join(" ")}`;
}
