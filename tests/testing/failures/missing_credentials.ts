/**
 * Environments in which `acs run` finds no credentials. The search uses the real AWS SDK.
 *
 * @module
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { loadCredentialsProvider } from "../../../cli/provider_chain.ts";
import { CredentialsError } from "../../../wsclient/signing/credentials.ts";

/** Variables that are set in every test, to disable shared files and metadata services. */
const NOWHERE = {
  AWS_CONFIG_FILE: "/nonexistent/config",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
};

type Variables = Readonly<Record<string, string | undefined>>;

function setVariables(variables: Variables): Variables {
  const before = Object.keys(variables).map((name) => [name, process.env[name]]);
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  return Object.fromEntries(before);
}

/** Returns the error of the provider chain with the given variables. */
export async function failureWith(variables: Variables): Promise<CredentialsError> {
  const before = setVariables({ ...NOWHERE, ...variables });
  try {
    const provider = await loadCredentialsProvider();
    assert.ok(typeof provider === "function");
    const error: unknown = await Promise.resolve(provider()).then(
      () => undefined,
      (error) => error,
    );
    assert.ok(error instanceof CredentialsError, String(error));
    return error;
  } finally {
    setVariables(before);
  }
}

/** Runs a test with a shared file that has the given text. */
export async function withFile<T>(text: string, fn: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "credentials-"));
  try {
    await writeFile(join(folder, "config"), text);
    return await fn(join(folder, "config"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A shared file with a profile `sso` that nobody has signed in to. */
export const SSO_CONFIG =
  "[profile sso]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-west-2\n" +
  "sso_account_id = 123456789012\nsso_role_name = agent\n";

/** A local port on which no program listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
