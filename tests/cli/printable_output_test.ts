/**
 * Whatever an agent or ECS puts into its texts, `acs` prints it, and the control plane returns it,
 * without anything that a terminal interprets.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { reportEmulator } from "../../cli/emulator_report.ts";
import { formatJson } from "../../cli/reported_event.ts";
import { PIPE_AND_TERMINAL } from "../testing/fakes/timelines.ts";
import { AcsEmulator } from "../../emulator/mod.ts";
import { call } from "../emulator/control_client.ts";
import { expectRefusal, QUERY, TestAgent } from "../emulator/test_agent.ts";
import { startAcs } from "../testing/programs/acs_command.ts";
import { until } from "../testing/fakes/fake_time.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";
import { assertPrintable, UNPRINTABLE } from "../testing/hostile/unprintable.ts";

/**
 * An unpaired surrogate has no UTF-8 encoding: sockets and URLs contain the replacement character.
 */
const SENT = UNPRINTABLE.toWellFormed();

test("Messages from an agent are printed and returned without control characters", async () => {
  await using emulator = await AcsEmulator.listen();
  const printed: string[] = [];
  const events: string[] = [];
  reportEmulator(emulator, (event) => {
    events.push(event.event);
    printed.push(
      formatJson(event),
      ...PIPE_AND_TERMINAL.map((timeline) => timeline.format(event)).flatMap((text) =>
        text.split("\n")
      ),
    );
  });
  for (const name of ["clusterArn", "containerInstanceArn", "agentVersion", "dockerVersion"]) {
    await expectRefusal(emulator, { query: { ...QUERY, [name]: SENT }, headers: {} });
  }
  const agent = await TestAgent.connect(emulator, {
    query: { ...QUERY, agentVersion: `1.0${SENT}`, dockerVersion: SENT },
  });
  agent.sendRaw(`${SENT}{`);
  // JSON can contain what sockets cannot.
  agent.sendRaw(JSON.stringify({ type: UNPRINTABLE, message: {} }));
  for (const type of ["AckRequest", "NackRequest", "HeartbeatAckRequest"]) {
    agent.send(type, { messageId: UNPRINTABLE, reason: UNPRINTABLE, [UNPRINTABLE]: UNPRINTABLE });
  }
  agent.send("IAMRoleCredentialsAckRequest", {
    messageId: UNPRINTABLE,
    credentialsId: UNPRINTABLE,
  });
  agent.close(4000, `bye${UNPRINTABLE.slice(0, 20)}`);
  await until(() => events.includes("disconnected"), "the agent's disconnecting is printed");
  assert.ok(events.filter((event) => event === "problem").length >= 4, events.join());
  for (const line of printed) assertPrintable(line, "what acs emulate prints");

  for (const path of ["state", "connections", "transcript", "container-instances"]) {
    const { text, status } = await call(emulator, `/emulator/${path}`);
    assert.equal(status, 200);
    for (const line of text.trimEnd().split("\n")) assertPrintable(line, `the answer of ${path}`);
  }
  for (const body of [{ taskArn: UNPRINTABLE }, { [UNPRINTABLE]: 1 }, { message: UNPRINTABLE }]) {
    for (
      const path of ["stop-task", "run-task", "send", "inject-fault", "wait-for", "expect-ack"]
    ) {
      const { text } = await call(emulator, `/emulator/${path}`, { body });
      for (const line of text.trimEnd().split("\n")) assertPrintable(line, `the answer of ${path}`);
    }
  }
});

for (const format of ["text", "json"]) {
  test(`An answer from ECS reaches neither output of acs run with control characters (${format})`, async () => {
    const answers = [
      [200, { endpoint: `http://host/${UNPRINTABLE}\nFAKE LINE` }],
      [400, { __type: `Evil${UNPRINTABLE}`, message: `no${UNPRINTABLE}` }],
    ] as const;
    let calls = 0;
    const server = createServer((_request, response) => {
      const [status, answer] = answers[calls++ % 2] ?? [500, {}];
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(answer));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const agent = startAcs(
      ["run", "--region", "us-west-2", "--container-instance-arn", CONTAINER_INSTANCE_ARN]
        .concat(["--log-level", "trace", "--format", format]),
      {
        AWS_ENDPOINT_URL_ECS: `http://127.0.0.1:${address.port}`,
        AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
        AWS_SECRET_ACCESS_KEY: "secret",
      },
    );
    try {
      await agent.output(/(?:Trying again|"waiting")[^]*(?:Trying again|"waiting")/);
    } finally {
      agent.signal("SIGINT");
      server.close();
    }
    const { stdout, stderr } = await agent.ended;
    for (const line of `${stdout}${stderr}`.split("\n")) assertPrintable(line, "a line of acs run");
    assert.doesNotMatch(`${stdout}${stderr}`, /^FAKE LINE/m);
  });
}
