/**
 * Reads the schedule of a shortened failure.
 *
 * @module
 */

import { ArgumentError } from "./arguments.ts";
import { type FaultKind, FAULTS } from "./faults.ts";
import type { ScheduleItem } from "./schedule.ts";
import { MOST_INSTANCES } from "./service.ts";
import type { SimulationOptions } from "./simulate.ts";
import { type WorkKind, WORKS } from "./works.ts";

/**
 * Parses the text of a `schedule.json`.
 *
 * @param text The text.
 * @param file The name of its file, for errors.
 * @throws {ArgumentError} If it is not a schedule.
 */
export function parseSchedule(text: string, file: string): SimulationOptions {
  const value = parseJson(text, file);
  const [seed, forMs, instances] = ["seed", "forMs", "instances"].map((name) => get(value, name));
  const items = get(value, "schedule");
  if (!isNumber(seed) || !isNumber(forMs) || !Array.isArray(items)) {
    throw new ArgumentError(`${file} is not a schedule: it needs seed, forMs and schedule`);
  }
  if (instances !== undefined && !isCount(instances, MOST_INSTANCES)) {
    throw new ArgumentError(`${file}: instances must be a number from 1 to ${MOST_INSTANCES}`);
  }
  const schedule = items.map((item: unknown, index): ScheduleItem => {
    if (isItem(item)) return item;
    throw new ArgumentError(`${file}: item ${index + 1} of the schedule is neither fault nor work`);
  });
  return { seed, forMs, schedule, ...(instances !== undefined && { instances }) };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ArgumentError(
      `${file} is not JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function isItem(item: unknown): item is ScheduleItem {
  if (!isNumber(get(item, "atMs"))) return false;
  const [fault, work] = [get(item, "fault"), get(item, "work")];
  if (isWork(work)) return isNumber(get(item, "pick"));
  return isFault(fault) && isNumber(get(item, "forMs")) && isNumber(get(item, "size"));
}

function isWork(name: unknown): name is WorkKind {
  return typeof name === "string" && Object.hasOwn(WORKS, name);
}

function isFault(name: unknown): name is FaultKind {
  return typeof name === "string" && Object.hasOwn(FAULTS, name);
}

function isCount(value: unknown, most: number): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= 1 && value <= most;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function get(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
