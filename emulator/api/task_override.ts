/**
 * The overrides of a run.
 *
 * @module
 */

import type { ApiInput } from "./api_operation.ts";

/** The overrides of a run. */
export type TaskOverride = NonNullable<ApiInput<"RunTask">["overrides"]>;

/** The overrides of one container. */
export type ContainerOverride = NonNullable<TaskOverride["containerOverrides"]>[number];
