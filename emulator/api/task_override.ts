/**
 * What a run changes of a task definition.
 *
 * @module
 */

import type { ApiInput } from "./api_operation.ts";

/** What a run changes. */
export type TaskOverride = NonNullable<ApiInput<"RunTask">["overrides"]>;

/** What it changes of one container. */
export type ContainerOverride = NonNullable<TaskOverride["containerOverrides"]>[number];
