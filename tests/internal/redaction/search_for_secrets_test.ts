/**
 * The search for secrets is bounded: whatever a peer sends and a handler quotes, it needs little
 * memory and little time.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startProgram } from "../../testing/programs/acs_command.ts";
import { COSTLY_MESSAGES, COSTLY_TEXTS } from "../../testing/hostile/costly_messages.ts";
import { test } from "../../testing/test.ts";

const CHILD = fileURLToPath(new URL("./search_for_secrets_child.ts", import.meta.url));

/** The texts themselves and the messages that contain them occupy half of it. */
const HEAP_MB = 128;

/** Far more than the search needs; one that is quadratic in the text's length needs hours. */
const TIME_LIMIT_MS = 120_000;

test("16 MiB of any text are searched for secrets in little memory and time, or not reported at all", async () => {
  const child = startProgram(CHILD, [], {}, HEAP_MB);
  const timer = setTimeout(() => child.signal("SIGKILL"), TIME_LIMIT_MS);
  const { code, stdout, stderr } = await child.ended;
  clearTimeout(timer);
  const lines = stdout.trim().split("\n");
  assert.equal(code, 0, `after ${lines.at(-1)}: ${stderr.slice(0, 500)}`);
  assert.equal(lines.length, COSTLY_TEXTS.length + COSTLY_MESSAGES.length);
  for (const line of lines) {
    const { name, description } = JSON.parse(line);
    assert.ok(description.length <= 500, name);
    assert.doesNotMatch(description, /secret value/, name);
  }
});
