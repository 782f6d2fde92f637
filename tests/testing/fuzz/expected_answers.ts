/**
 * Determines what a session may acknowledge without using the session's code: from a second copy of
 * the table of rules in docs/protocol.md, and from JSON Schema for the types of fields.
 *
 * @module
 */

import { Ajv, type ValidateFunction } from "ajv";
import { SHAPES } from "../../../protocol/shapes.ts";
import { jsonSchemaOf } from "../../protocol/shape_tools.ts";

type Fields = Readonly<Record<string, unknown>>;

const ajv = new Ajv({ strict: false, validateSchema: false });
const schemas: ReadonlyMap<string, ValidateFunction> = new Map(
  Object.entries(SHAPES).map(([type, shape]) => [type, ajv.compile(jsonSchemaOf(shape))]),
);

/**
 * The answers to a frame if every handler succeeds, no task is unknown and no sequence number is
 * stored.
 *
 * @param frame A text frame, or the bytes of a binary one.
 * @returns For example `AckRequest m1`; empty if it must not be answered.
 */
export function expectedAnswers(frame: string | Uint8Array): string[] {
  const parsed = parse(frame);
  if (!isFields(parsed) || typeof parsed["type"] !== "string") return [];
  const { type } = parsed;
  const validate = schemas.get(type);
  if (validate === undefined || parsed["message"] === undefined) return [];
  const message: unknown = parsed["message"] ?? {};
  if (!isFields(message) || !validate(message)) return [];
  // Null fields of a message are left out of the answer to it.
  const answer = (kind: string) => `${kind} ${String(message["messageId"] ?? undefined)}`;
  if (type === "HeartbeatMessage") return [answer("HeartbeatAckRequest")];
  if (type === "PerformUpdateMessage") return [answer("AckRequest")];
  const rule = RULES.get(type);
  if (rule === undefined || !rule(message)) return [];
  if (type === "IAMRoleCredentialsMessage") return [answer("IAMRoleCredentialsAckRequest")];
  const hasCredentials = type === "PayloadMessage" && credentialsOf(message).length > 0;
  return [
    answer("AckRequest"),
    ...(hasCredentials ? [answer("IAMRoleCredentialsAckRequest")] : []),
  ];
}

const RULES: ReadonlyMap<string, (message: Fields) => boolean> = new Map([
  [
    "PayloadMessage",
    (message) =>
      isAckable(message) &&
      credentialsOf(message).every(([task, credentials]) =>
        areTexts(task, "arn") && areTexts(credentials, "credentialsId")
      ),
  ],
  ["StageUpdateMessage", (message) => areTexts(message, "messageId")],
  [
    "IAMRoleCredentialsMessage",
    (message) => {
      const { roleCredentials, roleType } = message;
      return areTexts(message, "messageId", "taskArn") && isFields(roleCredentials) &&
        areTexts(roleCredentials, "credentialsId") &&
        (roleType === "TaskApplication" || roleType === "TaskExecution");
    },
  ],
  [
    "AttachTaskNetworkInterfacesMessage",
    (message) => areTexts(message, "taskArn") && isAttach(message),
  ],
  ["AttachInstanceNetworkInterfacesMessage", isAttach],
  [
    "ConfirmAttachmentMessage",
    (message) => {
      const { attachment } = message;
      return areTexts(message, "messageId") && isArn(message["clusterArn"]) &&
        isArn(message["containerInstanceArn"]) && isFields(attachment) &&
        isArn(attachment["attachmentArn"]) && areProperties(attachment);
    },
  ],
  ["TaskManifestMessage", ({ timeline }) => typeof timeline === "number" && timeline > 0],
]);

/** The credentials in the tasks of a payload, each with its task. */
function credentialsOf({ tasks }: Fields): [task: Fields, credentials: Fields][] {
  const found: [Fields, Fields][] = [];
  for (const task of Array.isArray(tasks) ? tasks : []) {
    if (!isFields(task)) continue;
    for (const name of ["roleCredentials", "executionRoleCredentials"]) {
      const credentials = task[name];
      if (isFields(credentials)) found.push([task, credentials]);
    }
  }
  return found;
}

function isAckable(message: Fields): boolean {
  return areTexts(message, "messageId", "clusterArn", "containerInstanceArn");
}

function isAttach(message: Fields): boolean {
  const { waitTimeoutMs, elasticNetworkInterfaces: interfaces } = message;
  return isAckable(message) && Number(waitTimeoutMs) > 0 && Array.isArray(interfaces) &&
    interfaces.length > 0 && interfaces.every(isEni);
}

function isEni(eni: unknown): boolean {
  if (!isFields(eni)) return false;
  const has = (list: unknown) => Array.isArray(list) && list.length > 0;
  const gateway = has(eni["ipv4Addresses"])
    ? eni["subnetGatewayIpv4Address"]
    : has(eni["ipv6Addresses"]) && eni["subnetGatewayIpv6Address"];
  const { interfaceAssociationProtocol: protocol, interfaceVlanProperties: vlan } = eni;
  return typeof gateway === "string" && gateway.split("/").length === 2 &&
    typeof eni["macAddress"] === "string" && typeof eni["ec2Id"] === "string" &&
    (protocol === undefined || protocol === null || protocol === "default" ||
      protocol === "vlan" && isFields(vlan) &&
        areTexts(vlan, "vlanId", "trunkInterfaceMacAddress"));
}

function areProperties(attachment: Fields): boolean {
  const given = attachment["attachmentProperties"] ?? [];
  if (!Array.isArray(given)) return false;
  if (!given.every((each) => isFields(each) && areTexts(each, "name", "value"))) return false;
  const values = new Map(given.map(({ name, value }) => [name, value]));
  const has = (...names: readonly string[]) => names.every((name) => values.has(name));
  if (attachment["attachmentType"] === "amazonebs") {
    return has("volumeId", "volumeSizeGib", "deviceName", "sourceVolumeHostPath", "volumeName") &&
      [undefined, "xfs", "ext2", "ext3", "ext4", "ntfs"].includes(values.get("fileSystem"));
  }
  const ephemeral = ["volumeSizeInGiB", "requestedSizeInGiB", "resourceID"];
  const type = values.get("resourceType");
  return has("volumeID", "deviceName") &&
    (type === "ElasticBlockStorage" || type === "EphemeralStorage" && has(...ephemeral));
}

/** `arn:partition:service:…` with six parts. */
function isArn(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("arn:") && value.split(":").length >= 6;
}

function areTexts(fields: Fields, ...names: readonly string[]): boolean {
  return names.every((name) => typeof fields[name] === "string" && fields[name] !== "");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(frame: string | Uint8Array): unknown {
  try {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return JSON.parse(typeof frame === "string" ? frame : decoder.decode(frame));
  } catch {
    return undefined;
  }
}
