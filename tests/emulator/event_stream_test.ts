import assert from "node:assert/strict";
import { AcsEmulator, SAMPLE_CONTAINER_INSTANCE_ARN, sampleTask } from "../../emulator/mod.ts";
import { until, withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";
import { call, operate } from "./control_client.ts";
import { EventClient } from "./event_client.ts";
import { TestAgent } from "./test_agent.ts";

function createClusters(emulator: AcsEmulator, times: number): void {
  for (let time = 0; time < times; time++) {
    emulator.callApi("CreateCluster", { clusterName: `cluster-${time}` });
  }
}

test("A client of the stream gets the earlier events, then each new one, with its number as its id", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  createClusters(emulator, 2);

  const client = await EventClient.connect(emulator);
  await client.until(({ entries }) => entries.length === 2);
  createClusters(emulator, 1);
  await client.until(({ entries }) => entries.length === 3);

  assert.match(String(client.headers["content-type"]), /^text\/event-stream/);
  const [hello] = client.events;
  assert.equal(hello?.event, "hello");
  assert.deepEqual([hello?.data.first, hello?.data.last], [1, 2]);
  assert.deepEqual(client.entries.map(({ id }) => id), [1, 2, 3]);
  const { entries } = (await call(emulator, "/emulator/transcript")).body;
  assert.deepEqual(client.entries.map(({ data }) => data), entries);
  await client.leave();
});

for (
  const { title, query, headers } of [
    { title: "in the URL", query: "?after=2", headers: {} },
    {
      title: "as Last-Event-ID, as an EventSource does",
      query: "",
      headers: { "Last-Event-ID": "2" },
    },
    {
      title: "as Last-Event-ID, as an EventSource does that connected with an earlier number",
      query: "?after=1",
      headers: { "Last-Event-ID": "2" },
    },
  ]
) {
  test(`A client that sends the number of its last event ${title} gets only later events`, async () => {
    await using emulator = await AcsEmulator.listen();
    createClusters(emulator, 4);

    const client = await EventClient.connect(emulator, { query, headers });
    await client.until(({ entries }) => entries.length === 2);

    assert.deepEqual(client.entries.map(({ id }) => id), [3, 4]);
    await client.leave();
  });
}

test("After a restart of the emulator, a client that resumes with an older, higher number gets all events", async () => {
  await using emulator = await AcsEmulator.listen();
  createClusters(emulator, 2);

  const client = await EventClient.connect(emulator, { query: "?after=500" });
  await client.until(({ entries }) => entries.length === 2);

  assert.deepEqual(client.entries.map(({ id }) => id), [1, 2]);
  await client.leave();
});

test("An invalid number is refused with status 400", async () => {
  await using emulator = await AcsEmulator.listen();

  const { status, text } = await call(emulator, "/emulator/events?after=soon");

  assert.equal(status, 400);
  assert.match(text, /after: expected a whole number/);
});

test("A stream accepts only GET", async () => {
  await using emulator = await AcsEmulator.listen();

  const { status, headers } = await call(emulator, "/emulator/events", { body: {} });

  assert.deepEqual([status, headers["allow"]], [405, "GET"]);
});

test("A slow client does not make the emulator keep entries that the transcript has dropped", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 5 });
  const agent = await TestAgent.connect(emulator);
  const client = await EventClient.connectPaused(emulator);
  const message = "x".repeat(1_000_000);
  // More than fits into the buffers of both sockets.
  for (let count = 1; count <= 40; count++) {
    emulator.sendError({ message });
    await agent.waitForTexts(count);
  }

  client.read();
  await client.until(({ entries }) => entries.at(-1)?.id === 41);

  const gap = client.events.find(({ event }) => event === "gap");
  assert.ok(gap, "the gap is announced");
  const { after, next } = gap.data;
  const ids = client.entries.map(({ id }) => id);
  assert.ok(ids.includes(Number(after)) && ids.includes(Number(next)));
  assert.ok(!ids.includes(Number(after) + 1), "the dropped entry is not sent");
  await client.leave();
  await agent.leave();
});

test("A client that disconnects leaves no listeners or timers behind", async () => {
  await using emulator = await AcsEmulator.listen();
  const client = await EventClient.connect(emulator);
  await client.until(({ events }) => events.length === 1);

  await client.leave();

  createClusters(emulator, 1);
  const { lastEntry } = (await call(emulator, "/emulator/state")).body;
  assert.equal(lastEntry, 1);
});

test("Closing the emulator ends the stream", async () => {
  const emulator = await AcsEmulator.listen();
  const client = await EventClient.connect(emulator);
  await client.until(({ events }) => events.length === 1);

  await emulator.close();

  await client.ended;
});

test("The stream requires the control token", async () => {
  await using emulator = await AcsEmulator.listen({ controlToken: "long and unguessable" });

  await assert.rejects(EventClient.connect(emulator), /answered with 401/);
  const client = await EventClient.connect(emulator, {
    headers: { Authorization: "Bearer long and unguessable" },
  });

  await client.until(({ events }) => events.length === 1);
  await client.leave();
});

test("A page of another origin cannot open the stream", async () => {
  await using emulator = await AcsEmulator.listen();

  const headers = { Origin: "https://attacker.example" };

  await assert.rejects(EventClient.connect(emulator, { headers }), /answered with 403/);
});

test("The stream contains no secrets", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = await TestAgent.connect(emulator);
  const { roleCredentials } = sampleTask();
  const client = await EventClient.connect(emulator);

  const { taskArn } = await operate(emulator, "run-task");
  await operate(emulator, "rotate-credentials", { taskArn });
  const frames = await agent.waitForFrames(2);
  await client.until(({ entries }) => entries.length >= 3);

  const secrets = [
    ...JSON.stringify(frames).matchAll(
      /"(?:secretAccessKey|sessionToken)":"([^"]+)"/g,
    ),
  ].map(([, secret]) => secret ?? "");
  const streamed = JSON.stringify(client.events);
  assert.ok(secrets.length > 3);
  for (const secret of [...secrets, roleCredentials?.sessionToken ?? "-"]) {
    assert.ok(!streamed.includes(secret), "a secret is streamed");
  }
  assert.ok(streamed.includes(SAMPLE_CONTAINER_INSTANCE_ARN));
  assert.match(streamed, /\[redacted\]/);
  await client.leave();
  await agent.leave();
});

test("A stream without events is kept alive by a comment every 15 s, until the client disconnects", async () => {
  await withFakeTime(async (time) => {
    await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
    const before = time.pendingTimers();
    const client = await EventClient.connect(emulator);
    await client.until(({ events }) => events.length === 1);

    await time.advance(14_999);
    createClusters(emulator, 1);
    await client.until(({ entries }) => entries.length === 1);
    assert.deepEqual(client.comments, []);
    await time.advance(1);
    await until(() => client.comments.length === 1, "the first comment");
    await time.advance(30_000);
    await until(() => client.comments.length === 3, "the next comments");

    assert.deepEqual(new Set(client.comments), new Set(["keep-alive"]));
    assert.equal(client.events.length, 2);
    await client.leave();
    await until(() => time.pendingTimers() === before, "the end of the comments");
  });
});

test("A client that comes back after more events than the transcript keeps gets a gap and then the rest", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 5 });
  createClusters(emulator, 3);
  const first = await EventClient.connect(emulator);
  await first.until(({ entries }) => entries.at(-1)?.id === 3);
  await first.leave();
  createClusters(emulator, 9);

  const second = await EventClient.connect(emulator, { query: "?after=3" });
  await second.until(({ entries }) => entries.at(-1)?.id === 12);

  const [hello, gap, ...rest] = second.events;
  assert.deepEqual([hello?.data.first, hello?.data.last], [8, 12]);
  assert.deepEqual([gap?.event, gap?.data], ["gap", { after: 3, next: 8 }]);
  assert.deepEqual(rest.map(({ id }) => id), [8, 9, 10, 11, 12]);
  await second.leave();
});

test("A client that has all events that the transcript keeps gets no gap", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, historyLimit: 5 });
  createClusters(emulator, 12);

  const client = await EventClient.connect(emulator, { query: "?after=7" });
  await client.until(({ entries }) => entries.at(-1)?.id === 12);

  assert.deepEqual(client.events.map(({ event }) => event), [
    "hello",
    ...Array.from({ length: 5 }, () => "message"),
  ]);
  await client.leave();
});
