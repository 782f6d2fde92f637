/**
 * Secrets to plant in every possible place, and the search for them in everything reported.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { inspect } from "node:util";
import {
  ansiColorFormatter,
  defaultConsoleFormatter,
  defaultTextFormatter,
  jsonLinesFormatter,
  logfmtFormatter,
  type LogRecord,
} from "@logtape/logtape";

/** Text that is valid in a header: the keys that a session signs with. */
export const INSTANCE_KEYS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "planted+instance/secret+key",
  sessionToken: "planted+instance/session+token==",
};

/** Text that is valid in a message; its characters have several encodings. */
export const MESSAGE_SECRETS = {
  roleKey: "planted/role+secret+key/00000",
  roleToken: "planted+role/session+token==",
  executionKey: "planted/execution+secret+key",
  environment: 'planted "environment" \\ <value> & ü\nmore',
  dockerEnvironment: "planted docker environment $(value)",
  dockerLabel: "planted docker label's value",
  logDriverToken: "planted-log-driver-token",
  override: 'planted {override} "value"',
  command: "--password=planted command",
  registryPassword: "planted registry password",
  unknownField: "planted value of an unknown field",
  unknownList: "planted entry of an unknown list",
  attachmentOfTheFuture: "planted attachment of the future",
};

const ALL_SECRETS: Readonly<Record<string, string>> = {
  secretAccessKey: INSTANCE_KEYS.secretAccessKey,
  sessionToken: INSTANCE_KEYS.sessionToken,
  ...MESSAGE_SECRETS,
};

/** A payload with a secret in every possible place. */
export function payloadWithSecrets(more: Readonly<Record<string, unknown>> = {}) {
  const secrets = MESSAGE_SECRETS;
  return {
    messageId: "planted",
    clusterArn: "arn:aws:ecs:us-west-2:123456789012:cluster/default",
    containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123",
    seqNum: 1,
    message: secrets.unknownField,
    futureField: { [`name`]: [secrets.unknownList] },
    tasks: [{
      arn: "arn:aws:ecs:us-west-2:123456789012:task/default/1",
      family: "web",
      desiredStatus: "RUNNING",
      overrides: JSON.stringify({ environment: [{ name: "A", value: secrets.override }] }),
      roleCredentials: {
        credentialsId: "role",
        secretAccessKey: secrets.roleKey,
        sessionToken: secrets.roleToken,
      },
      executionRoleCredentials: {
        credentialsId: "execution",
        secretAccessKey: secrets.executionKey,
      },
      attachments: [{ attachmentType: "new", secretThing: secrets.attachmentOfTheFuture }],
      containers: [{
        name: "app",
        command: ["serve", secrets.command],
        environment: { DATABASE_PASSWORD: secrets.environment },
        registryAuthentication: {
          type: "asm",
          password: secrets.registryPassword,
          asmAuthData: { region: "us-west-2" },
        },
        dockerConfig: {
          config: JSON.stringify({
            Env: [`TOKEN=${secrets.dockerEnvironment}`],
            Labels: { secret: secrets.dockerLabel },
          }),
          hostConfig: JSON.stringify({
            LogConfig: { Type: "splunk", Config: { "splunk-token": secrets.logDriverToken } },
          }),
        },
      }],
    }],
    ...more,
  };
}

/** Fresh credentials, with secrets. */
export function credentialsWithSecrets(more: Readonly<Record<string, unknown>> = {}) {
  return {
    messageId: "planted-credentials",
    taskArn: "arn:aws:ecs:us-west-2:123456789012:task/default/1",
    roleType: "TaskApplication",
    roleCredentials: {
      credentialsId: "role",
      secretAccessKey: MESSAGE_SECRETS.roleKey,
      sessionToken: MESSAGE_SECRETS.roleToken,
      keyOfTheFuture: MESSAGE_SECRETS.unknownField,
    },
    ...more,
  };
}

/** A value in every form of printing. */
export function print(value: unknown): string {
  const options = { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null };
  return [inspect(value, options), safeJson(value), String(value)].join("\n");
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "no JSON";
  }
}

/** A log record as every formatter of LogTape writes it, and all of its properties. */
export function printRecord(record: LogRecord): string {
  return [
    defaultTextFormatter(record),
    ansiColorFormatter(record),
    jsonLinesFormatter(record),
    logfmtFormatter(record),
    ...defaultConsoleFormatter(record).map(print),
    print(record.properties),
  ].join("\n");
}

/**
 * Asserts that none of the planted secrets is in a text, in any of the forms in which it could have
 * been written.
 *
 * @param text The reported text.
 * @param more Further secrets by name, such as a signature.
 */
export function assertNoSecretIn(
  text: string,
  more: Readonly<Record<string, string | undefined>> = {},
): void {
  for (const [name, secret] of Object.entries({ ...ALL_SECRETS, ...more })) {
    if (secret === undefined) continue;
    for (const [form, written] of writingsOf(secret)) {
      const at = text.indexOf(written);
      const around = text.slice(Math.max(0, at - 150), at + written.length + 20);
      assert.ok(at < 0, `${name} was reported (${form}): …${around}`);
    }
  }
}

function writingsOf(secret: string): [string, string][] {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const writings: [string, string][] = [
    ["as it is", secret],
    ["JSON", json],
    ["JSON in JSON", JSON.stringify(json).slice(1, -1)],
    ["URL", url],
    ["URL, lower case", url.replace(/%../g, (hex) => hex.toLowerCase())],
    ["form", new URLSearchParams({ a: secret }).toString().slice(2)],
    ["hex", Buffer.from(secret).toString("hex")],
    ["inspected", inspect(secret).slice(1, -1)],
  ];
  for (const before of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const from = [0, 2, 3][before] ?? 0;
    const to = Math.floor(bytes.length / 3) * 4;
    for (const encoding of ["base64", "base64url"] as const) {
      writings.push([encoding, bytes.toString(encoding).slice(from, to)]);
    }
  }
  return writings;
}
