/**
 * Searches for credentials like `acs run`, and prints why there are none, as JSON.
 *
 * @module
 */

import process from "node:process";
import { loadCredentialsProvider } from "../../../cli/provider_chain.ts";

const provide = await loadCredentialsProvider();
try {
  await provide();
} catch (error) {
  const help = error instanceof Error && "help" in error ? error.help : undefined;
  process.stdout.write(`${JSON.stringify({ help })}\n`);
}
