/**
 * A process of `acs record` between the load generator and a client.
 *
 * @module
 */

import { join } from "node:path";
import { Child } from "./child.ts";
import type { Programs, RuntimeName } from "./programs.ts";

/** How often the recorder's output is read until it listens, in ms. */
const POLL_MS = 20;

/** Maximum time until it listens, in ms. */
const START_TIMEOUT_MS = 30_000;

/** A running recorder. Disposing of it ends it, and removes what it has written. */
export interface RunningRecorder extends AsyncDisposable {
  /** The URL at which a client reaches the load generator through it. */
  readonly endpoint: string;
}

/**
 * Starts a recorder, which writes its trace and its output to files.
 *
 * @param programs The programs to start.
 * @param runtime The recorder's runtime.
 * @param url The load generator's URL.
 */
export async function startRecorder(
  programs: Programs,
  runtime: RuntimeName,
  url: string,
): Promise<RunningRecorder> {
  const folder = await Deno.makeTempDir({ prefix: "acs-bench-" });
  const output = join(folder, "output.jsonl");
  const { command, args, ...program } = await programs.acsRecord(
    runtime,
    url,
    join(folder, "trace.jsonl"),
  );
  // Not a pipe: reading it would take time from the processes that are measured.
  const child = new Child({
    ...program,
    command: "sh",
    args: ["-c", 'exec "$@" > "$0"', output, command, ...args],
  });
  const recorderUrl = await listeningUrl(output);
  const response = await fetch(recorderUrl, {
    method: "POST",
    headers: { "x-amz-target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint" },
    body: "{}",
  });
  const { endpoint } = await response.json();
  return {
    endpoint: String(endpoint),
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function listeningUrl(output: string): Promise<string> {
  const end = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const [line = "", ...rest] = (await Deno.readTextFile(output).catch(() => "")).split("\n");
    if (rest.length > 0) return String(JSON.parse(line).url);
  }
  throw new Error(`acs record does not listen after ${START_TIMEOUT_MS} ms`);
}
