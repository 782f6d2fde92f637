/**
 * The attachments of interfaces and volumes.
 *
 * @module
 */

import type { Checks, PassingMessage } from "../observer.ts";
import type { World } from "../world.ts";
import { type Fail, Recent } from "./invariant.ts";

/** Checks that one handler at a time waits for an attachment, and that one does if it is acknowledged. */
export function waitsOnceForAttachments(_world: World, fail: Fail): Checks {
  const attachmentsOf = new Recent<readonly string[]>();
  const begun = new Recent<true>();
  const waiting = new Set<string>();
  return {
    started: () => waiting.clear(),
    arrived(message) {
      const arns = attachmentsIn(message);
      if (arns.length > 0) attachmentsOf.set(message.messageId, arns);
    },
    attachmentBegan(arn) {
      if (waiting.has(arn)) fail(`a second handler waits for ${arn}`);
      waiting.add(arn);
      begun.set(arn, true);
    },
    attachmentEnded: (arn) => void waiting.delete(arn),
    sent({ type, messageId }) {
      if (type !== "AckRequest") return;
      const missing = attachmentsOf.get(messageId)?.find((arn) => !begun.get(arn));
      if (missing !== undefined) fail(`${missing} was acknowledged, and no handler waits for it`);
    },
  };
}

/** The ARNs of the attachments in a message. */
function attachmentsIn({ fields }: PassingMessage): string[] {
  const { attachment, elasticNetworkInterfaces } = fields;
  const all = Array.isArray(elasticNetworkInterfaces) ? elasticNetworkInterfaces : [attachment];
  return all.flatMap((each: unknown) => {
    if (typeof each !== "object" || each === null) return [];
    const arn: unknown = Reflect.get(each, "attachmentArn");
    return typeof arn === "string" ? [arn] : [];
  });
}
