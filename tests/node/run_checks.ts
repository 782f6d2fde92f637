/**
 * `acs run` of the installed package against its emulator. Runs on Node, in a folder where the
 * optional package with the AWS credential providers is installed too.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { AcsEmulator, EXAMPLE_CREDENTIALS, samplePayload } from "@acs/session/emulator";

const ARN = "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123";

/** `acs run` acknowledges within a second or two; if it takes this long, it never will, in ms. */
const LIMIT_MS = 20_000;

test("acs run acknowledges a payload, and SIGTERM stops it gracefully", async () => {
  const emulator = await AcsEmulator.listen();
  const args = ["run", "--format=json", "--region=us-west-2", `--container-instance-arn=${ARN}`];
  const child = spawn(process.execPath, ["node_modules/.bin/acs", ...args], {
    env: {
      PATH: process.env["PATH"],
      AWS_ENDPOINT_URL_ECS: emulator.url,
      AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    const exited = once(child, "exit");
    const output = text(child.stdout);
    const errors = text(child.stderr);
    const { messageId } = emulator.sendPayload(samplePayload());
    await emulator.expectAck(messageId, { signal: AbortSignal.timeout(LIMIT_MS) });
    child.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null], await errors);

    const events = (await output).trim().split("\n").map((line) => JSON.parse(line).event);
    assert.deepEqual(events.filter((event) => /^(?:discover|connect)/.test(event)), [
      "discovering",
      "discovered",
      "connecting",
      "connected",
    ]);
    assert.equal(events.at(-1), "summary");
  } finally {
    child.kill("SIGKILL");
    await emulator.close();
  }
});
