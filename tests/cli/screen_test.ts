import assert from "node:assert/strict";
import { Screen } from "../../cli/screen.ts";
import { test } from "../testing/test.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";

/** What was written to stdout and stderr, which are the same terminal. */
function screenOn(isTTY: boolean): { screen: Screen; written: string[] } {
  const written: string[] = [];
  const stream = { isTTY, columns: 30, write: (text: string) => written.push(text) };
  return { screen: new Screen({ stdout: stream, stderr: stream, color: "never" }), written };
}

test("The status is redrawn at most four times a second, and only if it has changed", () =>
  withFakeTime(async (time) => {
    const { screen, written } = screenOn(true);
    let count = 0;
    screen.showStatus(() => [`status ${count}`]);
    for (let step = 0; step < 20; step++) {
      count++;
      await time.advance(50);
    }
    const drawn = written.filter((text) => text.startsWith("status"));
    assert.deepEqual(drawn.length, 5);
    await time.advance(5_000);
    assert.equal(written.filter((text) => text.startsWith("status")).length, 5);
    screen.close();
  }));

test("A printed line replaces the status, which reappears below it", () =>
  withFakeTime(async (time) => {
    const { screen, written } = screenOn(true);
    screen.showStatus(() => ["status", "hint"]);
    screen.print("line");
    assert.deepEqual(written, ["status\nhint", "\r\u001b[K\u001b[1A\r\u001b[K", "line\n"]);
    await time.advance(250);
    assert.equal(written.at(-1), "status\nhint");
    screen.close();
    assert.equal(written.at(-1), "\r\u001b[K\u001b[1A\r\u001b[K");
    await time.advance(1_000);
    assert.equal(written.length, 5);
  }));

test("A status that is wider than the terminal is truncated to one line", () =>
  withFakeTime(async (time) => {
    const { screen, written } = screenOn(true);
    screen.showStatus(() => ["x".repeat(100)]);
    await time.advance(0);
    assert.equal(written[0]?.length, 29);
    screen.close();
  }));

test("Without a terminal there is no status and no timer", () =>
  withFakeTime(async (time) => {
    const { screen, written } = screenOn(false);
    screen.showStatus(() => ["status"]);
    await time.advance(5_000);
    screen.print("line");
    screen.close();
    assert.deepEqual(written, ["line\n"]);
  }));

test("A long line of an agent is wrapped at spaces on a terminal, but not on a pipe", () => {
  const line = "  accepted the task web and others";
  const { screen, written } = screenOn(true);
  screen.agentLine(line);
  screen.agentLine("\u001b[31maccepted the task web and two others\u001b[39m");
  assert.deepEqual(written, [
    "agent |   accepted the task\n      |   web and others\n",
    "agent | \u001b[31maccepted the task web and two others\u001b[39m\n",
  ]);
  screen.agentLine(`${" ".repeat(100)}far to the right`);
  assert.match(written.at(-1) ?? "", /^agent \| {12}far to the\n/);
  const pipe = screenOn(false);
  pipe.screen.agentLine(line);
  assert.deepEqual(pipe.written, [`agent | ${line}\n`]);
});
