/** The samples in the documents that stop on SIGTERM, run as separate programs. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { AcsEmulator, samplePayload } from "../../emulator/mod.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { type AcsProcess, startProgram } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

/** Each document with a sample, and its path. */
const DOCUMENTS = {
  "README.md": new URL("../../README.md", import.meta.url),
  "npm/README.md": new URL("../../npm/README.md", import.meta.url),
} as const;

/** The keys that the samples read from the environment. */
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };

type DocumentName = keyof typeof DOCUMENTS;

/**
 * The sample of a document.
 *
 * @param beforeStart A statement to run right before the session is started.
 */
async function sampleOf(name: DocumentName, beforeStart: string): Promise<string> {
  const document = await readFile(fileURLToPath(DOCUMENTS[name]), "utf8");
  const samples = Array.from(document.matchAll(/```ts[^\n]*\n(.*?)```/gs), ([, code = ""]) => code);
  const sample = samples.find((code) => code.includes("SIGTERM"));
  assert.ok(sample, `${name} has no sample that stops on SIGTERM`);
  const start = "await session.start(";
  assert.ok(sample.includes(start));
  return sample.replace(start, `${beforeStart}\n$&`);
}

/** How a sample is run. */
interface SampleRun {
  /** The URL of the ECS API. */
  readonly endpoint: string;
  /** A statement to run right before the session is started. */
  readonly beforeStart?: string;
}

/** Runs a sample in a folder of the tests, where it finds the package as an agent does. */
async function withSample(
  name: DocumentName,
  { endpoint, beforeStart = "" }: SampleRun,
  use: (sample: AcsProcess) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(process.cwd(), ".sample-"));
  try {
    const path = join(folder, "agent.mjs");
    await writeFile(path, await sampleOf(name, beforeStart));
    const sample = startProgram(path, [], {
      AWS_ENDPOINT_URL_ECS: endpoint,
      ACS_CONTAINER_INSTANCE_ARN: CONTAINER_INSTANCE_ARN,
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    });
    try {
      await use(sample);
    } finally {
      sample.signal("SIGKILL");
      await sample.ended;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function assertStopsWell(sample: AcsProcess): Promise<void> {
  const { code, stderr } = await sample.ended;
  // The log of failures is on stderr, too.
  assert.doesNotMatch(stderr, /Uncaught|AbortError|^\s+at /m);
  assert.equal(code, 0, stderr);
}

/** Serves ECS with `answer` until `use` is done. */
async function withEcs(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    await use(`http://127.0.0.1:${address.port}/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

for (const name of ["README.md", "npm/README.md"] as const) {
  test(`The agent in ${name} exits with 0 if SIGTERM arrives before it has started`, () =>
    withEcs(() => {}, async (endpoint) => {
      const beforeStart = 'process.kill(process.pid, "SIGTERM");\n' +
        'while (process.listenerCount("SIGTERM") > 0) await new Promise((resolve) => setTimeout(resolve, 1));';
      await withSample(name, { endpoint, beforeStart }, assertStopsWell);
    }));

  test(`The agent in ${name} exits with 0 if SIGTERM arrives while ECS has not answered`, async () => {
    const requested = Promise.withResolvers<void>();
    await withEcs(
      () => requested.resolve(),
      (endpoint) =>
        withSample(name, { endpoint }, async (sample) => {
          await requested.promise;
          sample.signal("SIGTERM");
          await assertStopsWell(sample);
        }),
    );
  });

  test(`The agent in ${name} exits with 0 if SIGTERM arrives while it waits after a failure`, async () => {
    const refused = Promise.withResolvers<void>();
    const refuse = (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(500).end();
      response.once("finish", () => refused.resolve());
    };
    await withEcs(refuse, (endpoint) =>
      withSample(name, { endpoint }, async (sample) => {
        await refused.promise;
        sample.signal("SIGTERM");
        await assertStopsWell(sample);
      }));
  });

  test(`The agent in ${name} exits with 0 if SIGTERM arrives while it connects`, async () => {
    const upgrading = Promise.withResolvers<void>();
    const server = createServer((request, response) => {
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify({ endpoint: `http://${request.headers.host}/` }));
    });
    const sockets = new Set<{ destroy(): void }>();
    server.on("upgrade", (_request, socket) => {
      sockets.add(socket);
      socket.on("error", () => {
        // The agent aborts the upgrade, as it should.
      });
      upgrading.resolve();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const address = server.address();
      assert.ok(typeof address === "object" && address !== null);
      const endpoint = `http://127.0.0.1:${address.port}/`;
      await withSample(name, { endpoint }, async (sample) => {
        await upgrading.promise;
        sample.signal("SIGTERM");
        await assertStopsWell(sample);
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test(`The agent in ${name} accepts a payload, and exits with 0 if SIGTERM arrives then`, async () => {
    await using emulator = await AcsEmulator.listen({ credentials: KEYS });
    await withSample(name, { endpoint: emulator.url }, async (sample) => {
      await sample.output(/Connected to .?127\.0\.0\.1/);
      await emulator.sendPayload(samplePayload()).acked;
      sample.signal("SIGTERM");
      await assertStopsWell(sample);
    });
  });
}
