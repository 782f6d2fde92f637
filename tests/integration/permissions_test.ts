import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AcsEmulator } from "../../emulator/acs_emulator.ts";
import { test } from "../testing/test.ts";

if ("Deno" in globalThis) {
  test("A session on Deno needs no permission but the one to reach ECS and ACS", async () => {
    const program = fileURLToPath(
      new URL("../testing/least_permissions.ts", import.meta.url),
    );
    const emulator = await AcsEmulator.listen();
    try {
      const flags = ["run", "--no-prompt", "--allow-net=127.0.0.1", program, emulator.url];
      const { stdout } = await promisify(execFile)(process.execPath, flags);
      assert.equal(stdout, "HeartbeatAckRequest");
    } finally {
      await emulator.close();
    }
  });
}
