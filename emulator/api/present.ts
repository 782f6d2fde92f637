/**
 * Small conversions between the inputs, records and answers in the ECS API.
 *
 * @module
 */

/** The fields of an object that have a value: neither `undefined` nor null. */
export type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Omits the fields without a value. */
export function present<T extends object>(fields: T): Present<T> {
  const copy: Present<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined && value !== null) copy[key] = value;
  }
  return copy;
}

/** The last part of a name or an ARN: the id of a task, the name of a cluster. */
export function lastPart(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
}

/** A time in ms since the epoch as the API states it: in seconds. */
export function seconds(ms: number): number {
  return ms / 1000;
}
