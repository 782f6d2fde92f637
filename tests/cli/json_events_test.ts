import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { AcsEmulator } from "../../emulator/mod.ts";
import { EXAMPLE_CREDENTIALS } from "../../emulator/emulator_credentials.ts";
import { REPORTED_EVENTS } from "../../cli/session_report.ts";
import { samplePayload } from "../../emulator/samples/samples.ts";
import { startAcs } from "../testing/programs/acs_command.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

/** Events that the command adds to those of the session. */
const OWN_EVENTS = ["started", "credentials", "agent", "summary"];

/** The first two columns of a table in docs/metrics.md, by its first column's heading. */
async function table(heading: string): Promise<Map<string, string[]>> {
  const document = await readFile(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const rows = document.split(new RegExp(`^\\| ${heading} +\\|.*\\n`, "m"))[1]?.split("\n\n")[0] ??
    "";
  const names = (cell = "") => Array.from(cell.matchAll(/`(\w+)`/g), ([, name = ""]) => name);
  return new Map(
    rows.split("\n").slice(1).filter((row) => row.startsWith("|")).map((row) => {
      const [, name, fields] = row.split("|");
      return [names(name)[0] ?? "", names(fields)];
    }),
  );
}

test("docs/metrics.md lists exactly the events that acs run --format json prints", async () => {
  const documented = Array.from((await table("JSON event")).keys());
  assert.deepEqual(documented.sort(), [...REPORTED_EVENTS, ...OWN_EVENTS].sort());
});

test("Every JSON event has the common fields and those that docs/metrics.md lists for it, and no others", async () => {
  const emulator = await AcsEmulator.listen();
  emulator.refuseNextUpgrade({ status: 500, next: 2 });
  const agent = startAcs(
    ["run", "--container-instance-arn", CONTAINER_INSTANCE_ARN, "--format", "json"],
    {
      AWS_ENDPOINT_URL_ECS: emulator.url,
      AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
    },
  );
  try {
    await emulator.waitForMessage("HeartbeatAckRequest");
    await emulator.sendPayload(samplePayload(1)).acked;
    emulator.sendRaw("no JSON");
    await agent.output(/"event":"dropped"/);
    emulator.closeConnections();
    await agent.output(/"event":"disconnected"/);
    agent.signal("SIGTERM");
  } finally {
    const { stdout } = await agent.ended;
    await emulator.close();
    const common = Array.from((await table("field")).keys());
    assert.equal(common.length, 6);
    const fields = await table("JSON event");
    const lines: Record<string, unknown>[] = stdout.trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    const seen = new Set(lines.map(({ event }) => String(event)));
    for (const event of [...OWN_EVENTS, "connectfailed", "dropped", "disconnected", "stopped"]) {
      assert.ok(seen.has(event), `${event} was not printed`);
    }
    for (const line of lines) {
      const event = String(line["event"]);
      const allowed = new Set([...common, "error", "fix", ...(fields.get(event) ?? [])]);
      assert.deepEqual(common.filter((name) => !(name in line)), [], event);
      assert.deepEqual(Object.keys(line).filter((name) => !allowed.has(name)), [], event);
      assert.match(String(line["time"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  }
});
