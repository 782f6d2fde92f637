/**
 * A recorder in front of an emulator that only accepts the recorder's own keys.
 *
 * @module
 */

import assert from "node:assert/strict";
import { RequestSigner } from "../../../cli/record/request_signer.ts";
import { Recorder } from "../../../cli/record/recorder.ts";
import { AcsEmulator, type EmulatorOptions, type TranscriptEntry } from "../../../emulator/mod.ts";
import { isJsonObject } from "../../../internal/json.ts";
import { signHeaders } from "../../emulator/test_agent.ts";

/** The keys that the recorder signs with; agents sign with AWS's example key. */
export const RECORDER_KEYS = {
  accessKeyId: "AKIDRECORDER",
  secretAccessKey: "planted+recorder/secret+key",
  sessionToken: "planted+recorder/session+token==",
};

/** A running recorder. */
export interface RecordingStage extends AsyncDisposable {
  /** The service. */
  readonly emulator: AcsEmulator;
  /** The recorder. */
  readonly recorder: Recorder;
  /** What it has recorded. */
  readonly entries: TranscriptEntry[];
  /** Its warnings. */
  readonly warnings: string[];
  /** The endpoints of ACS and TCS for an agent, without the trailing slash. */
  readonly acs: { readonly url: string };
  readonly tcs: { readonly url: string };
  /** Waits for an entry. */
  recorded(isWanted: (entry: TranscriptEntry) => boolean): Promise<TranscriptEntry>;
}

/** Starts the emulator and the recorder, and discovers the endpoints as an agent does. */
export async function startRecording(
  options: EmulatorOptions & { readonly withTelemetry?: boolean } = {},
): Promise<RecordingStage> {
  const { withTelemetry = true, ...emulatorOptions } = options;
  const emulator = await AcsEmulator.listen({
    heartbeatIntervalMs: 0,
    credentials: RECORDER_KEYS,
    ...emulatorOptions,
  });
  const entries: TranscriptEntry[] = [];
  const warnings: string[] = [];
  let wake = Promise.withResolvers<void>();
  const recorder = await Recorder.listen({
    hostname: "127.0.0.1",
    port: 0,
    upstream: new URL(emulator.url),
    signer: new RequestSigner("us-west-2", RECORDER_KEYS),
    withTelemetry,
    add(event, fields) {
      entries.push({ number: entries.length + 1, at: Date.now(), event, ...fields });
      wake.resolve();
      wake = Promise.withResolvers();
    },
    warn: (text) => void warnings.push(text),
  });
  const { endpoint, telemetryEndpoint } = await discover(recorder.url);
  return {
    emulator,
    recorder,
    entries,
    warnings,
    acs: { url: String(endpoint).replace(/\/$/, "") },
    tcs: { url: String(telemetryEndpoint).replace(/\/$/, "") },
    async recorded(isWanted) {
      for (;;) {
        const found = entries.find(isWanted);
        if (found !== undefined) return found;
        await wake.promise;
      }
    },
    async [Symbol.asyncDispose]() {
      await recorder.close();
      await emulator.close();
    },
  };
}

async function discover(url: string): Promise<Record<string, unknown>> {
  const response = await callApi(url, "DiscoverPollEndpoint", {});
  const parsed: unknown = await response.json();
  assert.ok(isJsonObject(parsed));
  return parsed;
}

/** Calls the ECS API, signed with AWS's example key. */
export async function callApi(url: string, operation: string, input: object): Promise<Response> {
  const body = JSON.stringify(input);
  const target = `${url}/`;
  const headers = await signHeaders(target, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AmazonEC2ContainerServiceV20141113.${operation}`,
    },
  });
  return await fetch(target, { method: "POST", headers, body });
}
