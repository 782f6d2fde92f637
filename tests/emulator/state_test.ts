import assert from "node:assert/strict";
import { chmod, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { chdir, cwd } from "node:process";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import {
  AcsEmulator,
  type EmulatorOptions,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  sampleCredentials,
  samplePayload,
  StateFileError,
} from "../../emulator/mod.ts";
import { startProgram } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";
import { withStateFile } from "./temporary_state.ts";
import { expectRefusal, TestAgent } from "./test_agent.ts";

const CHILD = fileURLToPath(new URL("./state_child.ts", import.meta.url));

function listen(stateFile: string, options: EmulatorOptions = {}): Promise<AcsEmulator> {
  return AcsEmulator.listen({ heartbeatIntervalMs: 0, stateFile, ...options });
}

test("Instances, tasks, credentials and unanswered messages are still present after a restart", async () => {
  await withStateFile(async (path) => {
    const before = await listen(path);
    const agent = await TestAgent.connect(before);
    const { taskArn, acked } = before.runTask();
    const [payload] = await agent.waitForFrames(1);
    assert.ok(payload);
    agent.ack(payload);
    await acked;
    const unanswered = before.sendPayload(samplePayload(7));
    before.sendCredentials(sampleCredentials(7));
    await agent.waitForFrames(3);
    before.deregisterContainerInstance("arn:aws:ecs:us-west-2:111122223333:container-instance/x");
    const { tasks, containerInstances, pending } = before;
    await before.close();
    await agent.ended;

    await using after = await listen(path);

    assert.deepEqual(after.tasks, tasks);
    assert.deepEqual(after.containerInstances, containerInstances);
    assert.deepEqual(after.pending, pending);
    assert.deepEqual(pending.map(({ containerInstanceArn }) => containerInstanceArn), [
      SAMPLE_CONTAINER_INSTANCE_ARN,
      SAMPLE_CONTAINER_INSTANCE_ARN,
    ]);
    const again = await TestAgent.connect(after, { query: { sendCredentials: "true" } });
    const frames = await again.waitForFrames(4);
    const resent = frames.find(({ message }) => message.messageId === unanswered.messageId);
    assert.equal(resent?.message.seqNum, 2);
    assert.ok(frames.some(({ message }) => message.taskArn === taskArn));
    await again.leave();
  });
});

test("Sequence numbers continue after a restart, so that agents do not discard manifests", async () => {
  await withStateFile(async (path) => {
    const before = await listen(path, { seed: 1 });
    const first = before.sendPayload(samplePayload(1));
    await before.close();

    await using after = await listen(path, { seed: 1 });

    const second = after.sendPayload(samplePayload(2));
    assert.notEqual(second.messageId, first.messageId);
    const agent = await TestAgent.connect(after);
    const frames = await agent.waitForFrames(2);
    assert.deepEqual(frames.map(({ message }) => message.seqNum), [1, 2]);
    await agent.leave();
  });
});

test("Raw frames wait across a restart, text and bytes", async () => {
  await withStateFile(async (path) => {
    const before = await listen(path);
    before.sendRaw("some text");
    before.sendRaw(new TextEncoder().encode("some bytes"));
    await before.close();

    await using after = await listen(path);

    const agent = await TestAgent.connect(after);
    assert.deepEqual(await agent.waitForTexts(2), ["some text", "binary:some bytes"]);
    await agent.leave();
  });
});

test("A message that was acknowledged before a restart is not resent", async () => {
  await withStateFile(async (path) => {
    const before = await listen(path);
    const agent = await TestAgent.connect(before);
    const { acked } = before.sendPayload(samplePayload(1));
    const [payload] = await agent.waitForFrames(1);
    assert.ok(payload);
    agent.ack(payload);
    await acked;
    await before.close();

    await using after = await listen(path);

    assert.equal(after.pendingCount, 0);
  });
});

test("A deregistered instance stays deregistered", async () => {
  await withStateFile(async (path) => {
    const options = { containerInstances: [SAMPLE_CONTAINER_INSTANCE_ARN] };
    const before = await listen(path, options);
    before.deregisterContainerInstance(SAMPLE_CONTAINER_INSTANCE_ARN);
    await before.close();

    await using after = await listen(path, options);

    assert.match((await expectRefusal(after)).body, /InactiveInstanceException/);
  });
});

test("An emulator killed while writing has everything that it reported", async () => {
  await withStateFile(async (path) => {
    const child = startProgram(CHILD, [path]);
    await child.output(/(?:\S+ \S+\n){50}/);
    child.signal("SIGKILL");
    const { stdout } = await child.ended;
    const reported = stdout.split("\n").slice(0, -1).map((line) => line.split(" "));

    await using emulator = await listen(path);

    const tasks = new Set(emulator.tasks.map(({ taskArn }) => taskArn));
    const messages = new Set(emulator.pending.map(({ messageId }) => messageId));
    assert.ok(reported.length >= 50);
    for (const [taskArn = "", messageId = ""] of reported) {
      assert.ok(tasks.has(taskArn), taskArn);
      assert.ok(messages.has(messageId), messageId);
    }
  });
});

test("Only its owner can read a state file", async () => {
  await withStateFile(async (path) => {
    await using _emulator = await listen(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });
});

test("A state file that another emulator has open is refused, by name", async () => {
  await withStateFile(async (path) => {
    await using _first = await listen(path);
    await assert.rejects(
      listen(path),
      (error) =>
        error instanceof StateFileError && error.path === path &&
        /another emulator is using it: .*locked/.test(error.message),
    );
  });
});

/** Creates another program's database, in a mode in which opening it would change it. */
function makeForeignDatabase(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT)");
  database.close();
}

for (
  const [what, make] of [
    ["A text", (path: string) => writeFile(path, "remember the milk\n".repeat(20))],
    ["A short text", (path: string) => writeFile(path, "milk")],
    ["Another program's database", (path: string) => makeForeignDatabase(path)],
    [
      "A state file of a later version",
      async (path: string) => {
        await (await listen(path)).close();
        const database = new DatabaseSync(path);
        database.exec("PRAGMA journal_mode = DELETE; PRAGMA user_version = 3");
        database.close();
      },
    ],
  ] as const
) {
  test(`${what} is refused as a state file, and not modified`, async () => {
    await withStateFile(async (path) => {
      await make(path);
      await chmod(path, 0o640);
      await utimes(path, 1_000_000_000, 1_000_000_000);
      const look = async () => {
        const { mode, mtimeMs, size } = await stat(path);
        return {
          mode,
          mtimeMs,
          size,
          content: await readFile(path),
          others: await readdir(dirname(path)),
        };
      };
      const before = await look();

      await assert.rejects(listen(path), StateFileError);

      assert.deepEqual(await look(), before);
    });
  });
}

test("An empty file becomes a state file that only its owner can read", async () => {
  await withStateFile(async (path) => {
    await writeFile(path, "");
    await chmod(path, 0o644);
    await using _emulator = await listen(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });
});

test("A name that is special in SQLite is an ordinary file", async () => {
  await withStateFile(async (path) => {
    const before = cwd();
    chdir(dirname(path));
    try {
      await using _emulator = await listen(":memory:");
      assert.deepEqual((await readdir(".")).filter((name) => name === ":memory:"), [":memory:"]);
    } finally {
      chdir(before);
    }
  });
});

for (
  const [what, damage] of [
    ["overwritten in the middle", (bytes: Uint8Array) => bytes.fill(0xff, 4_096, 8_192)],
    ["cut short", (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 4_096)],
  ] as const
) {
  test(`A state file that was ${what} is reported as damaged`, async () => {
    await withStateFile(async (path) => {
      const emulator = await listen(path);
      for (let n = 0; n < 20; n++) emulator.runTask();
      await emulator.close();
      await writeFile(path, damage(new Uint8Array(await readFile(path))));

      await assert.rejects(
        listen(path),
        (error) => error instanceof StateFileError && /: it is damaged/.test(error.message),
      );
    });
  });
}

test("An invalid record is reported by name", async () => {
  await withStateFile(async (path) => {
    const emulator = await listen(path);
    emulator.runTask();
    await emulator.close();
    const database = new DatabaseSync(path);
    database.exec("UPDATE record SET value = '{}' WHERE kind = 'task'");
    database.close();

    await assert.rejects(
      listen(path),
      (error) =>
        error instanceof StateFileError && /it is damaged: its record task/.test(error.message),
    );
  });
});
