import assert from "node:assert/strict";
import { Doctor } from "../../responders/doctor.ts";
import { heartbeatResponder } from "../../responders/heartbeat_responder.ts";
import { handle, recordingContext } from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

const ACK = { type: "HeartbeatAckRequest", message: { messageId: "h1" } };

test("A heartbeat is acknowledged immediately, while its health checks run in the background", async () => {
  const checked = Promise.withResolvers<boolean>();
  const doctor = new Doctor([{ type: "Runtime", runCheck: () => checked.promise }]);
  const context = recordingContext();
  const handled = heartbeatResponder(doctor).handleMessage({ messageId: "h1" }, context);
  assert.equal(handled, undefined);
  assert.deepEqual(context.sent, [ACK]);
  assert.equal(context.work.length, 1);
  assert.deepEqual(doctor.results, []);
  checked.resolve(true);
  await Promise.all(context.work);
  assert.deepEqual(doctor.results.map(({ type, ok }) => ({ type, ok })), [{
    type: "Runtime",
    ok: true,
  }]);
});

test("A heartbeat is acknowledged even when its id is missing, null or empty", async () => {
  const responder = heartbeatResponder(new Doctor());
  const answers = [];
  for (const message of [{}, { messageId: null }, { messageId: "" }]) {
    answers.push(...(await handle(responder, message)).sent);
  }
  assert.deepEqual(answers.map(({ message }) => JSON.stringify(message)), [
    "{}",
    '{"messageId":null}',
    '{"messageId":""}',
  ]);
});

test("A heartbeat that says that the service is not healthy is acknowledged like any other", async () => {
  const { sent } = await handle(heartbeatResponder(new Doctor()), {
    messageId: "h1",
    healthy: false,
  });
  assert.deepEqual(sent, [ACK]);
});

test("Without health checks, nothing is left to the background", async () => {
  assert.deepEqual((await handle(heartbeatResponder(new Doctor()), {})).work, []);
});

test("A health check that fails or throws does not fail the background work", async () => {
  const doctor = new Doctor([
    { type: "no", runCheck: () => false },
    { type: "throws", runCheck: () => Promise.reject(new Error("broken")) },
  ]);
  const { sent, work } = await handle(heartbeatResponder(doctor), { messageId: "h1" });
  await Promise.all(work);
  assert.deepEqual(sent, [ACK]);
  assert.deepEqual(doctor.results.map(({ ok }) => ok), [false, false]);
});

test("Heartbeats during a hanging health check are all acknowledged, and no background work piles up", async () => {
  const doctor = new Doctor([{ type: "hangs", runCheck: () => new Promise(() => {}) }]);
  const responder = heartbeatResponder(doctor);
  const context = recordingContext();
  for (let count = 0; count < 5; count++) {
    await responder.handleMessage({ messageId: "h1" }, context);
  }
  assert.deepEqual(context.sent, Array(5).fill(ACK));
  assert.equal(context.work.length, 1);
});

test("A heartbeat after a run of health checks has ended starts the next run", async () => {
  let runs = 0;
  const responder = heartbeatResponder(
    new Doctor([{ type: "counts", runCheck: () => ++runs > 0 }]),
  );
  for (const expected of [1, 2]) {
    const { work } = await handle(responder, {});
    assert.equal(work.length, 1);
    await Promise.all(work);
    assert.equal(runs, expected);
  }
});

test("A doctor that throws does not undo the acknowledgement, and is called again at the next heartbeat", async () => {
  const doctor = new Doctor([{ type: "any", runCheck: () => true }]);
  let runs = 0;
  doctor.runHealthchecks = () => {
    runs += 1;
    throw new Error("no doctor");
  };
  const responder = heartbeatResponder(doctor);
  for (const expected of [1, 2]) {
    const { sent, work } = await handle(responder, { messageId: "h1" });
    assert.deepEqual(sent, [ACK]);
    await assert.rejects(Promise.all(work), /no doctor/);
    assert.equal(runs, expected);
  }
});
