/**
 * The properties that describe a resource attachment, and which of them are required.
 *
 * @module
 */

import type { Attachment } from "../protocol/messages.ts";
import { InvalidMessageError } from "./invalid_message_error.ts";

/** The attachment type of EBS volumes. */
const EBS_TASK_ATTACH = "amazonebs";

/** The required properties of an attachment of type `amazonebs`. */
const EBS_PROPERTIES = [
  "volumeId",
  "volumeSizeGib",
  "deviceName",
  "sourceVolumeHostPath",
  "volumeName",
] as const;

/** The supported file systems of an EBS volume. */
const FILE_SYSTEMS: ReadonlySet<string> = new Set(["xfs", "ext2", "ext3", "ext4", "ntfs"]);

/** The required properties of older attachments, identified by their `resourceType` property. */
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
 * @throws {InvalidMessageError} If a property has no name or value, is missing, or is unknown.
 */
export function validateAttachmentProperties(attachment: Attachment): Map<string, string> {
  const properties = new Map<string, string>();
  for (const property of attachment.attachmentProperties ?? []) {
    if (!property?.name || !property.value) {
      throw new InvalidMessageError(
        "an attachment property has no name or no value",
        "attachmentProperties",
      );
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
  throw new InvalidMessageError(
    "the attachment property fileSystem names an unsupported file system",
    "fileSystem",
  );
}

function validateResourceTypeProperties(properties: ReadonlyMap<string, string>): void {
  requireProperties(properties, ["resourceType"]);
  const required = RESOURCE_TYPE_PROPERTIES.get(properties.get("resourceType") ?? "");
  if (required === undefined) {
    throw new InvalidMessageError(
      "the attachment property resourceType is not supported",
      "resourceType",
    );
  }
  requireProperties(properties, required);
}

function requireProperties(
  properties: ReadonlyMap<string, string>,
  required: readonly string[],
): void {
  const missing = required.find((name) => !properties.has(name));
  if (missing === undefined) return;
  throw new InvalidMessageError(`the attachment property ${missing} is missing`, missing);
}
