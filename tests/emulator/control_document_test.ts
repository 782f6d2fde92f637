import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import {
  AcsEmulator,
  checkFault,
  EXAMPLE_CREDENTIALS,
  parseScenario,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { Session } from "../../mod.ts";
import { isJsonObject } from "../../internal/json.ts";
import { test } from "../testing/test.ts";
import { call, type ControlAnswer } from "./control_client.ts";

const CONTROL_TOKEN = "token-of-a-test";

const DOCUMENT = await readFile(new URL("../../docs/emulator.md", import.meta.url), "utf8");

/** The blocks of one language in the document. */
function blocks(language: string): string[] {
  return [...DOCUMENT.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))]
    .map(([, text]) => text ?? "");
}

/** The curl lines of the document. */
function curlLines(): string[] {
  return blocks("sh").flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith("curl "));
}

/** The words of a command, without single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

/** Makes the call that curl would make. */
function curl(emulator: AcsEmulator, line: string): Promise<ControlAnswer> {
  const [, ...rest] = words(line);
  const headers: Record<string, string> = {};
  let body: string | undefined;
  let url = "";
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-d") body = rest.shift() ?? "";
    else if (word === "-H") {
      const [name = "", value = ""] = (rest.shift() ?? "").split(": ");
      headers[name] = value;
    } else url = word;
  }
  assert.match(url, /^http:\/\/127\.0\.0\.1:4570\/emulator\//, line);
  const path = url.replace("http://127.0.0.1:4570", "");
  const given = { headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers } };
  return call(emulator, path, body === undefined ? { headers } : { ...given, body });
}

test("Every curl line of the document works against a running emulator with an agent", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 100 });
  const session = new Session({
    endpoint: emulator.url,
    region: "us-west-2",
    credentials: EXAMPLE_CREDENTIALS,
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    agentVersion: "1.0.0",
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
  });
  const running = session.start();
  await emulator.waitForMessage("HeartbeatAckRequest");
  const known = new Map<string, unknown>([
    ["CONTAINER_INSTANCE_ARN", SAMPLE_CONTAINER_INSTANCE_ARN],
    ["CONTROL_TOKEN", CONTROL_TOKEN],
  ]);

  for (const line of curlLines()) {
    const complete = line.replace(/\b(?:[A-Z]+_)+[A-Z]+\b/g, (word) => String(known.get(word)));
    const { status, text, body } = await curl(emulator, complete);
    assert.equal(status, 200, `${complete}\n${text}`);
    if (line.endsWith("/run-task")) {
      known.set("TASK_ARN", body.taskArn).set("MESSAGE_ID", body.messageId);
    }
  }

  await session.stop();
  await running;
});

test("The document has a curl line for every operation", async () => {
  await using emulator = await AcsEmulator.listen();

  const { operations } = (await call(emulator, "/emulator/")).body;

  assert.ok(Array.isArray(operations));
  const lines = curlLines().join("\n");
  const missing = operations.map((operation) => String(operation.path))
    .filter((path) => !new RegExp(`${path}(?![\\w-])`).test(lines));
  assert.deepEqual(missing, []);
});

test("The document's table lists exactly the faults that exist", () => {
  const faults = [...DOCUMENT.matchAll(/^\| `(\{"at": .*?\})` +\|/gm)]
    .map(([, json]): unknown => JSON.parse(json ?? ""));
  for (const fault of faults) checkFault(fault);

  const documented = faults.map((fault) =>
    isJsonObject(fault) ? `${fault.at} ${fault.action}` : ""
  );
  assert.deepEqual(documented.toSorted(), allFaults().toSorted());
});

/** All faults, as the check lists them in the error for an unknown one. */
function allFaults(): string[] {
  const choices = (fault: unknown): string[] => {
    try {
      checkFault(fault);
    } catch (error) {
      const [, list = ""] = /must be one of (.*?): current/.exec(String(error)) ?? [];
      return list.split(", ");
    }
    return [];
  };
  return choices({ at: "nowhere" }).flatMap((at) =>
    choices({ at, action: "nothing" }).map((action) => `${at} ${action}`)
  );
}

test("The document's scenarios can be played", () => {
  const scenarios = blocks("json");

  assert.ok(scenarios.length > 0);
  for (const text of scenarios) parseScenario(text, "docs/emulator.md");
});
