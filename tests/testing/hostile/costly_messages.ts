/**
 * Messages that cost a careless receiver more than their length: to parse, to keep, to copy, to
 * search for secrets or to print.
 *
 * @module
 */

import { CLUSTER_ARN, CONTAINER_INSTANCE_ARN } from "../fakes/session_stage.ts";

/** How one costly text is made. */
export interface CostlyText {
  /** The reason why it is costly. */
  readonly name: string;
  /**
   * Makes it.
   *
   * @param size The approximate length, in characters.
   */
  make(size: number): string;
}

const repeat = (unit: string, size: number) =>
  unit.repeat(Math.max(1, Math.floor(size / unit.length)));

/** Nested lists; twice as many characters as levels. */
const nestedLists = (size: number) => repeat("[", size / 2) + repeat("]", size / 2);

/** Texts that are costly for code that looks for assignments, escapes, encodings or JSON. */
export const COSTLY_TEXTS: readonly CostlyText[] = [
  { name: "assignments in assignments", make: (size) => repeat("a=", size) },
  { name: "an assignment of nothing to one long name", make: (size) => repeat("a", size) },
  { name: "names without an assignment", make: (size) => repeat("a.b-", size) },
  { name: "URL escapes in URL escapes", make: (size) => `%${repeat("25", size)}41` },
  { name: "URL escapes side by side", make: (size) => repeat("%41", size) },
  { name: "URL escapes that are not UTF-8", make: (size) => repeat("%ff", size) },
  { name: "percent signs", make: (size) => repeat("%", size) },
  { name: "backslashes", make: (size) => repeat("\\", size) },
  { name: "JSON escapes in JSON escapes", make: (size) => repeat("\\\\u005c", size) },
  { name: "HTML entities in HTML entities", make: (size) => `&${repeat("amp;", size)}lt;` },
  { name: "HTML entities side by side", make: (size) => repeat("&#x41;", size) },
  { name: "ampersands", make: (size) => repeat("&", size) },
  { name: "base64 of zeros", make: (size) => repeat("AAAA", size) },
  { name: "base64 in base64", make: base64InBase64 },
  { name: "lists in lists", make: nestedLists },
  { name: "unterminated lists", make: (size) => repeat("[", size) },
  {
    name: "objects in objects",
    make: (size) => repeat('{"a":', size * 5 / 6) + "0" + repeat("}", size / 6),
  },
  { name: "JSON in JSON", make: jsonInJson },
  {
    name: "assignments in JSON",
    make: (size) => JSON.stringify(Array(Math.ceil(size / 9)).fill("a=b=c=")),
  },
  { name: "one letter", make: (size) => repeat("x", size) },
  { name: "white space", make: (size) => repeat(" \t\n", size) },
  { name: "line ends", make: (size) => repeat("\r\n", size) },
  { name: "control characters", make: (size) => repeat("\u001b[31m\u0000\u009b", size) },
  {
    name: "format and bidirectional characters",
    make: (size) => repeat("\u202e\u2066\ufeff\u200f", size),
  },
  { name: "halves of surrogate pairs", make: (size) => repeat("\udc00\ud800", size) },
  { name: "commas and colons", make: (size) => repeat(",:#", size) },
  { name: "logins in URLs", make: (size) => repeat("://a", size) },
  { name: "bearer tokens", make: (size) => repeat("Bearer ", size) },
];

function base64InBase64(size: number): string {
  let text = "secret value";
  while (text.length * 4 / 3 < size) text = btoa(text);
  return text;
}

/** Each level doubles the backslashes, so there are few levels; and then as many copies as fit. */
function jsonInJson(size: number): string {
  let text = JSON.stringify({ a: "secret value" });
  while (text.length * 2 < Math.min(size, 100_000)) text = JSON.stringify({ a: text });
  return JSON.stringify(Array(Math.max(1, Math.floor(size / text.length / 2))).fill(text));
}

/** How one costly message is made. */
export interface CostlyMessage {
  /** The reason why it is costly. */
  readonly name: string;
  /** The type of the message. */
  readonly type: string;
  /**
   * Makes the frame.
   *
   * @param size The approximate length, in characters.
   * @param messageId The message's id, and the part in which all other ids differ.
   */
  make(size: number, messageId: string): string;
}

/** A frame made of its parts; `fields` is JSON without the braces. */
function frameOf(type: string, messageId: string, fields: string): string {
  const known = {
    messageId,
    clusterArn: CLUSTER_ARN,
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
  };
  return `{"type":"${type}","message":{${JSON.stringify(known).slice(1, -1)},${fields}}}`;
}

/** A list that repeats one JSON value as often as it fits. */
function listOf(value: string, size: number): string {
  return `[${repeat(`${value},`, size).slice(0, -1)}]`;
}

/** An object that has each JSON value under a different name. */
function mapOf(value: string, size: number): string {
  const count = Math.max(1, Math.floor(size / (value.length + 11)));
  return `{${Array.from({ length: count }, (_, index) => `"${100_000 + index}":${value}`).join()}}`;
}

const payload = (name: string, fields: (size: number) => string): CostlyMessage => ({
  name,
  type: "PayloadMessage",
  make: (size, messageId) => frameOf("PayloadMessage", messageId, fields(size)),
});

/** The value of a field that no version of this package knows, or of a list field. */
const VALUES: readonly CostlyText[] = [
  { name: "lists in lists", make: nestedLists },
  { name: "empty lists", make: (size) => listOf("[]", size) },
  { name: "empty objects", make: (size) => listOf("{}", size) },
  { name: "objects with one field", make: (size) => listOf('{"a":0}', size) },
  { name: "objects with one differing name each", make: (size) => mapOf('{"a":{}}', size) },
  { name: "empty strings", make: (size) => listOf('""', size) },
  { name: "short strings", make: (size) => mapOf('"a value"', size) },
  { name: "strings of 12 characters", make: (size) => mapOf('"secret value"', size) },
  { name: "numbers", make: (size) => listOf("1e9", size) },
  { name: "nulls", make: (size) => listOf("null", size) },
];

/** Payload fields that contain any text: each is searched for secrets when a handler fails. */
const TEXT_FIELDS: readonly { readonly name: string; wrap(text: string): string }[] = [
  {
    name: "environment",
    wrap: (text) => `"tasks":[{"containers":[{"environment":{"A":${text}}}]}]`,
  },
  {
    name: "dockerConfig",
    wrap: (text) => `"tasks":[{"containers":[{"dockerConfig":{"config":${text}}}]}]`,
  },
  { name: "an unknown field", wrap: (text) => `"future":[${text}]` },
];

/** 10,000 secrets of 1.6 KB when the size is 16 MB: nested URL escapes, each different. */
function manySecrets(size: number): string {
  const count = Math.max(1, Math.floor(size / 1_600));
  const secrets = Array.from({ length: count }, (_, index) => `"%${"25".repeat(790)}41${index}"`);
  return `"tasks":[{"containers":[{"command":[${secrets.join()}]}]}]`;
}

/** Messages with costly content, in the places where it is processed. */
export const COSTLY_MESSAGES: readonly CostlyMessage[] = [
  ...TEXT_FIELDS.flatMap(({ name: field, wrap }) =>
    COSTLY_TEXTS.map(({ name, make }) =>
      payload(`${name} in ${field}`, (size) => wrap(JSON.stringify(make(size))))
    )
  ),
  ...VALUES.map(({ name, make }) =>
    payload(`${name} in an unknown field`, (size) => `"future":${make(size)}`)
  ),
  payload("10,000 secrets of 1.6 KB", manySecrets),
  payload(
    "many variables in one environment",
    (size) => `"tasks":[{"containers":[{"environment":${mapOf('"a=b=value"', size)}}]}]`,
  ),
  payload("many empty tasks", (size) => `"tasks":${listOf("{}", size)}`),
  payload(
    "many tasks without an ARN, each with a secret",
    (size) => `"tasks":${listOf('{"containers":[{"environment":{"A":"a=secret value"}}]}', size)}`,
  ),
  payload("many containers", (size) => `"tasks":[{"arn":"a","containers":${listOf("{}", size)}}]`),
  {
    name: "a session token of megabytes",
    type: "IAMRoleCredentialsMessage",
    make: (size, messageId) =>
      frameOf(
        "IAMRoleCredentialsMessage",
        messageId,
        `"taskArn":"task-${messageId}","roleType":"TaskApplication","roleCredentials":{` +
          `"credentialsId":"role-${messageId}","expiration":"2999-01-01T00:00:00Z",` +
          `"secretAccessKey":"key","sessionToken":"${repeat("t", size)}"}`,
      ),
  },
  {
    name: "an id of megabytes",
    type: "HeartbeatMessage",
    make: (size, messageId) =>
      frameOf("HeartbeatMessage", messageId + repeat("i", size), '"healthy":true'),
  },
  {
    name: "a manifest of many tasks",
    type: "TaskManifestMessage",
    make: (size, messageId) =>
      frameOf(
        "TaskManifestMessage",
        messageId,
        `"timeline":1,"tasks":${listOf('{"taskArn":"a"}', size)}`,
      ),
  },
  {
    name: "an attachment with properties of megabytes",
    type: "ConfirmAttachmentMessage",
    make: (size, messageId) =>
      frameOf(
        "ConfirmAttachmentMessage",
        messageId,
        `"waitTimeoutMs":1000,"attachment":{"attachmentArn":"arn:aws:ecs:us-west-2:1:attachment/a",` +
          `"attachmentType":"amazonebs","attachmentProperties":[${
            ["volumeId", "volumeSizeGib", "deviceName", "sourceVolumeHostPath", "volumeName"]
              .map((name) => `{"name":"${name}","value":"${repeat("v", size / 5)}"}`).join()
          }]}`,
      ),
  },
  {
    name: "an attachment with many properties",
    type: "ConfirmAttachmentMessage",
    make: (size, messageId) =>
      frameOf(
        "ConfirmAttachmentMessage",
        messageId,
        `"waitTimeoutMs":1000,"attachment":{"attachmentArn":"arn:aws:ecs:us-west-2:1:attachment/a",` +
          `"attachmentProperties":${listOf('{"name":"n","value":"v"}', size)}}`,
      ),
  },
  {
    name: "a network interface with a MAC address of megabytes",
    type: "AttachTaskNetworkInterfacesMessage",
    make: (size, messageId) =>
      frameOf(
        "AttachTaskNetworkInterfacesMessage",
        messageId,
        `"taskArn":"task","waitTimeoutMs":1000,"elasticNetworkInterfaces":[{"ec2Id":"e","attachmentArn":` +
          `"a","macAddress":"${
            repeat("m", size)
          }","ipv4Addresses":[{"privateAddress":"10.0.0.1"}],` +
          `"subnetGatewayIpv4Address":"10.0.0.1/24"}]`,
      ),
  },
  {
    name: "a gateway of slashes",
    type: "AttachTaskNetworkInterfacesMessage",
    make: (size, messageId) =>
      frameOf(
        "AttachTaskNetworkInterfacesMessage",
        messageId,
        `"taskArn":"task","waitTimeoutMs":1000,"elasticNetworkInterfaces":[{"ec2Id":"e","macAddress":` +
          `"m","ipv4Addresses":[{"privateAddress":"10.0.0.1"}],"subnetGatewayIpv4Address":"${
            repeat("/", size)
          }"}]`,
      ),
  },
  {
    name: "an ARN of colons",
    type: "ConfirmAttachmentMessage",
    make: (size, messageId) =>
      frameOf(
        "ConfirmAttachmentMessage",
        messageId,
        `"waitTimeoutMs":1000,"attachment":{"attachmentArn":"arn${
          repeat(":", size)
        }","attachmentType":"amazonebs"}`,
      ),
  },
  {
    name: "a service's text of megabytes",
    type: "ErrorMessage",
    make: (size) => `{"type":"ErrorMessage","message":{"message":"${repeat("\\\\u001b ", size)}"}}`,
  },
  {
    name: "a type of megabytes",
    type: "",
    make: (size) => `{"type":"${repeat("T\\n", size)}","message":{}}`,
  },
];
