/**
 * The registered task definitions.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { ApiInput } from "../api/api_operation.ts";
import { inputProblem } from "../api/input_check.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

/** The content of a task definition, as it was registered. */
export type TaskDefinitionContent = ApiInput<"RegisterTaskDefinition">;

/** A container of a task definition. */
export type ContainerDefinition = NonNullable<
  TaskDefinitionContent["containerDefinitions"]
>[number];

/** One revision of a task definition. */
export interface TaskDefinition {
  /** Its ARN. */
  readonly taskDefinitionArn: string;
  /** Its family. */
  readonly family: string;
  /** Its number within the family, from 1. */
  readonly revision: number;
  /** `INACTIVE` once it is deregistered. */
  readonly status: "ACTIVE" | "INACTIVE";
  /** When it was registered, in ms since the epoch. */
  readonly registeredAt: number;
  /** When it was deregistered, in ms since the epoch. */
  readonly deregisteredAt?: number | undefined;
  /** Its content. */
  readonly content: TaskDefinitionContent;
}

const stored: v.Type<TaskDefinition> = v.object({
  taskDefinitionArn: v.string(),
  family: v.string(),
  revision: v.number(),
  status: v.union(v.literal("ACTIVE"), v.literal("INACTIVE")),
  registeredAt: v.number(),
  deregisteredAt: v.number().optional(),
  content: v.unknown().assert(isContent, "is not a task definition"),
});

function isContent(value: unknown): value is TaskDefinitionContent {
  return value !== null && inputProblem("RegisterTaskDefinition", value) === undefined;
}

/** The task definitions of one emulator. */
export class TaskDefinitions {
  readonly #account: string;
  readonly #known: StoredMap<TaskDefinition>;

  /**
   * Loads the saved ones.
   *
   * @param state Where they are kept.
   * @param account The beginning of their ARNs.
   */
  constructor(state: EmulatorState, account: string) {
    this.#account = account;
    this.#known = new StoredMap({
      state,
      kind: "task-definition",
      type: stored,
      keyOf: ({ taskDefinitionArn }) => taskDefinitionArn,
    });
  }

  /** All revisions of all families, in the order of their registration. */
  get all(): readonly TaskDefinition[] {
    return this.#known.values;
  }

  /** The one named `family` (its newest active revision), `family:revision`, or by ARN. */
  find(nameOrArn: string): TaskDefinition | undefined {
    const name = nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
    const [family = "", revision] = name.split(":");
    if (revision !== undefined) return this.#known.get(this.#arnOf(family, Number(revision)));
    return this.#known.values.findLast((one) => one.family === family && one.status === "ACTIVE");
  }

  /**
   * Registers the next revision of a family.
   *
   * @param content Its content.
   * @param now The current time, in ms since the epoch.
   */
  register(content: TaskDefinitionContent, now: number): TaskDefinition {
    const family = content.family ?? "";
    const revision = 1 + this.#known.values.filter((one) => one.family === family).length;
    const taskDefinition: TaskDefinition = {
      taskDefinitionArn: this.#arnOf(family, revision),
      family,
      revision,
      status: "ACTIVE",
      registeredAt: now,
      content,
    };
    this.#known.set(taskDefinition);
    return taskDefinition;
  }

  /** Makes a revision inactive: no new tasks of it can be run. */
  deregister(definition: TaskDefinition, now: number): TaskDefinition {
    const inactive: TaskDefinition = { ...definition, status: "INACTIVE", deregisteredAt: now };
    this.#known.set(inactive);
    return inactive;
  }

  #arnOf(family: string, revision: number): string {
    return `${this.#account}:task-definition/${family}:${revision}`;
  }
}
