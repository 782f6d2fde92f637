/**
 * The samples in docs/deployment.md for a single session, run as separate programs against an
 * ECS and an ACS whose certificate is signed by a private authority.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { startProgram } from "../testing/programs/acs_command.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { createTestCa, type TestCa } from "../testing/sockets/test_ca.ts";
import { test } from "../testing/test.ts";

const DOCUMENT = fileURLToPath(new URL("../../docs/deployment.md", import.meta.url));

/** The parts in which the samples for the two runtimes differ. */
const MARK = "Deno" in globalThis ? "Deno.createHttpClient" : "new Agent(";

/** The document installs undici for its Agent: the one inside Node has the same version. */
const UNDICI = `
void globalThis.WebSocket;
const keys = [2, 1].map((version) => Symbol.for("undici.globalDispatcher." + version));
export const Agent = keys.map((key) => globalThis[key]).find(Boolean).constructor;
`;

async function sampleFor(ca: string, endpoint: string): Promise<string> {
  const samples = (await readFile(DOCUMENT, "utf8")).matchAll(/```ts[^\n]*\n(.*?)```/gs);
  const sample = Array.from(samples, ([, code = ""]) => code).find((code) => code.includes(MARK));
  assert.ok(sample, `the document has no sample with ${MARK}`);
  const options = {
    region: "us-west-2",
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    agentVersion: "1.0.0",
    endpoint,
  };
  return `const options = ${JSON.stringify(options)};
${sample.replace("ca.pem", ca)}
for (const type of ["connectfailed", "connected"]) {
  session.addEventListener(type, ({ detail }) => console.log(type, detail.error ?? ""));
}
await session.start();
`;
}

/** ECS and ACS on one port of this machine. */
async function withService(ca: TestCa, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(ca, (request, response) => {
    response.end(JSON.stringify({ endpoint: `https://${request.headers.host}/` }));
  });
  const webSockets = new WebSocketServer({ server });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    await use(`https://127.0.0.1:${address.port}/`);
  } finally {
    for (const client of webSockets.clients) client.terminate();
    webSockets.close();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

test("The sample in docs/deployment.md for one session connects to an ECS and an ACS with a private authority exactly as pasted", async () => {
  const ca = await createTestCa();
  // In the tests' folder, where it finds the package as an agent does.
  const folder = await mkdtemp(join(process.cwd(), ".sample-"));
  const undici = join(folder, "node_modules", "undici");
  try {
    await writeFile(join(folder, "ca.pem"), ca.ca);
    if (!("Deno" in globalThis)) {
      await mkdir(undici, { recursive: true });
      await writeFile(join(undici, "package.json"), '{ "type": "module", "main": "index.js" }');
      await writeFile(join(undici, "index.js"), UNDICI);
    }
    await withService(ca, async (url) => {
      const program = join(folder, "agent.mjs");
      await writeFile(program, await sampleFor(join(folder, "ca.pem"), url));
      const agent = startProgram(program);
      const [, outcome] = await agent.output(/^(connected|connectfailed.*)/m);
      agent.signal("SIGKILL");
      await agent.ended;
      assert.equal(outcome, "connected");
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
