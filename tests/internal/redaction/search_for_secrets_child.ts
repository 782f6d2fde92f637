/**
 * Searches 16 MiB of every costly text for secrets, and describes an error that quotes it, within
 * the given heap. The parent process stops it if it takes too long.
 *
 * @module
 */

import process from "node:process";
import { describeError } from "../../../internal/redaction/describe_error.ts";
import { secretsIn } from "../../../protocol/secrets.ts";
import { COSTLY_MESSAGES, COSTLY_TEXTS } from "../../testing/hostile/costly_messages.ts";

const SIZE = 16 * 1024 * 1024;

/**
 * Parsed JSON occupies up to 50 times its length: these tests are about the search, not about the
 * parser.
 */
const PARSED_SIZE = 1024 * 1024;

for (const { name, make } of COSTLY_TEXTS) {
  const text = make(SIZE);
  const secrets = secretsIn({ environment: { A: text } });
  report(name, describeError(new Error(`cannot handle ${text}`), secrets));
}
for (const { name, make } of COSTLY_MESSAGES) {
  const text = make(name === "10,000 secrets of 1.6 KB" ? SIZE : PARSED_SIZE, "m1");
  const secrets = secretsIn(JSON.parse(text).message);
  report(name, describeError(new Error(`cannot handle ${text}`), secrets));
}

function report(name: string, description: string): void {
  process.stdout.write(`${JSON.stringify({ name, description })}\n`);
}
