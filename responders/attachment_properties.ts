/**
 * The properties by which a resource attachment is described, and which of them it must have.
 *
 * @module
 */

import type { Attachment } from "../protocol/messages.ts";
import { InvalidMessageError } from "./invalid_message_error.ts";

/** The attachment type of EBS volumes. */
const EBS_TASK_ATTACH = "amazonebs";

/** What an attachment of type `amazonebs` needs. */
const EBS_PROPERTIES = [
  "volumeId",
  "volumeSizeGib",
  "deviceName",
  "sourceVolumeHostPath",
  "volumeName",
] as const;

/** The file systems that an EBS volume may be formatted with. */
const FILE_SYSTEMS: ReadonlySet<string> = new Set(["xfs", "ext2", "ext3", "ext4", "ntfs"]);

/** What the older attachments, told by their property `resourceType`, need. */
const RESOURCE_TYPE_PROPERTIES: ReadonlyMap<string, readonly string[]> = new Map([
  ["ElasticBlockStorage", ["volumeID", "deviceName"]],
  ["EphemeralStorage", [
    "volumeID",
    "deviceName",
    "volumeSizeInGiB",
    "requestedSizeInGiB",
    "resourceID",
  ]],
]);

/**
 * Checks an attachment's properties.
 *
 * @param attachment The attachment.
 * @returns The properties by name.
 * @throws {InvalidMessageError} If one has no name or value, one is missing, or one is unknown.
 */
export function validateAttachmentProperties(attachment: Attachment): Map<string, string> {
  const properties = new Map<string, string>();
  for (const property of attachment.attachmentProperties ?? []) {
    if (!property?.name || !property.value) {
      throw new InvalidMessageError("an attachment property has no name or no value");
    }
    properties.set(property.name, property.value);
  }
  if (attachment.attachmentType === EBS_TASK_ATTACH) {
    validateEbsProperties(properties);
  } else {
    validateResourceTypeProperties(properties);
  }
  return properties;
}

function validateEbsProperties(properties: ReadonlyMap<string, string>): void {
  requireProperties(properties, EBS_PROPERTIES);
  const fileSystem = properties.get("fileSystem");
  if (fileSystem === undefined || FILE_SYSTEMS.has(fileSystem)) return;
  throw new InvalidMessageError("the attachment property fileSystem names no supported one");
}

function validateResourceTypeProperties(properties: ReadonlyMap<string, string>): void {
  requireProperties(properties, ["resourceType"]);
  const required = RESOURCE_TYPE_PROPERTIES.get(properties.get("resourceType") ?? "");
  if (required === undefined) {
    throw new InvalidMessageError("the attachment property resourceType is not supported");
  }
  requireProperties(properties, required);
}

function requireProperties(
  properties: ReadonlyMap<string, string>,
  required: readonly string[],
): void {
  const missing = required.find((name) => !properties.has(name));
  if (missing === undefined) return;
  throw new InvalidMessageError(`the attachment property ${missing} is missing`);
}
