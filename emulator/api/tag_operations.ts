/**
 * The operations on tags.
 *
 * @module
 */

import type { Tag } from "../ecs/tags.ts";
import type { ApiContext } from "./api_context.ts";
import { invalidParameter } from "./api_error.ts";
import type { ApiHandlers, ApiInput } from "./api_operation.ts";

/** Maximum number of a resource's tags: the service's. */
const MAX_TAGS = 50;

/** The operations. */
export function tagOperations(
  context: ApiContext,
): ApiHandlers<"ListTagsForResource" | "TagResource" | "UntagResource"> {
  const { tags } = context;
  return {
    ListTagsForResource: ({ resourceArn = "" }) => {
      checkExists(context, resourceArn);
      return { tags: tags.of(resourceArn) };
    },
    TagResource: ({ resourceArn = "", tags: given }) => {
      checkExists(context, resourceArn);
      const added = tagList(given);
      const keys = new Set([...tags.of(resourceArn), ...added].map(({ key }) => key));
      if (keys.size > MAX_TAGS) throw invalidParameter(`A resource has at most ${MAX_TAGS} tags`);
      tags.add(resourceArn, added);
      return {};
    },
    UntagResource: ({ resourceArn = "", tagKeys = [] }) => {
      checkExists(context, resourceArn);
      tags.remove(resourceArn, tagKeys);
      return {};
    },
  };
}

/**
 * Checks the tags of an input.
 *
 * @throws {EcsApiError} If one has no valid key or value, or if there are too many.
 */
export function tagList(given: ApiInput<"TagResource">["tags"] = []): readonly Tag[] {
  if (given.length > MAX_TAGS) throw invalidParameter(`A resource has at most ${MAX_TAGS} tags`);
  return given.map(({ key = "", value = "" }) => {
    if (key.length < 1 || key.length > 128) {
      throw invalidParameter("A tag's key has 1 to 128 characters");
    }
    if (value.length > 256) throw invalidParameter("A tag's value has at most 256 characters");
    return { key, value };
  });
}

function checkExists(context: ApiContext, resourceArn: string): void {
  const { clusters, definitions, instances, services, tasks } = context;
  const exists = tasks.get(resourceArn) !== undefined ||
    instances.get(resourceArn) !== undefined ||
    services.get(resourceArn) !== undefined ||
    definitions.all.some(({ taskDefinitionArn }) => taskDefinitionArn === resourceArn) ||
    clusters.all.some(({ name }) => clusters.arnOf(name) === resourceArn);
  if (!exists) throw invalidParameter("The specified resource could not be found.");
}
