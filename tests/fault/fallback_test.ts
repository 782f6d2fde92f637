import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  encodeFrame,
  OPCODE,
  type RawConnection,
  type RawPeer,
  startRawPeer,
} from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { BREAKAGES } from "./broken_websocket.ts";
import { ON_DENO, within } from "./transports_under_test.ts";

const CHILD = fileURLToPath(new URL("./fallback_child.ts", import.meta.url));

/** What the child prints. */
interface Report {
  readonly outcomes: readonly string[];
  readonly warnings: readonly string[];
}

async function greet(connection: RawConnection): Promise<void> {
  await connection.accept();
  connection.sendText("hello");
  const { payload } = await connection.readFrame();
  connection.write(encodeFrame(OPCODE.close, payload));
  connection.end();
  await connection.ended;
}

async function reportOf(peer: RawPeer, breakage: string): Promise<Report> {
  const flags = ["--experimental-strip-types", "--no-warnings"];
  const child = spawn(process.execPath, [...flags, CHILD, peer.url, breakage], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Uint8Array) => output += new TextDecoder().decode(chunk));
  const closed = new Promise((resolve) => child.once("close", resolve));
  try {
    assert.equal(await within(closed, "the child to exit on its own"), 0);
  } finally {
    child.kill("SIGKILL");
  }
  return JSON.parse(output);
}

if (!ON_DENO) {
  for (const [what, { reason, connections = 1 }] of Object.entries(BREAKAGES)) {
    test(`With ${what}, connections are made with ws immediately, and the log says why, once`, async () => {
      const peer = await startRawPeer(greet);
      try {
        const { outcomes, warnings } = await reportOf(peer, what);
        assert.deepEqual(outcomes, ["hello", "hello"]);
        assert.equal(warnings.length, 1);
        assert.match(warnings[0] ?? "", /npm's ws/);
        assert.match(warnings[0] ?? "", reason);
        assert.equal(peer.accepted, connections + 1);
      } finally {
        await peer.close();
      }
    });
  }

  test("With a dispatcher that never calls back, the attempt after the first timeout is made with ws", async () => {
    const peer = await startRawPeer(greet);
    try {
      const { outcomes, warnings } = await reportOf(peer, "silence");
      assert.deepEqual(outcomes, ["time is up", "hello", "hello"]);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", /reported nothing until the time limit/);
    } finally {
      await peer.close();
    }
  });
}
