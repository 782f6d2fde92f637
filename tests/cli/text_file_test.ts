import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAcs } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

async function withFile(content: Uint8Array | string, use: (file: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "acs-text-"));
  try {
    const file = join(folder, "agent.log");
    await writeFile(file, content);
    await use(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("A log that PowerShell saved as UTF-16 is read", async () => {
  const log = '\uFEFFlevel=info time=2021-11-06T01:37:21Z msg="Connected to ACS endpoint"\r\n';

  await withFile(Buffer.from(log, "utf16le"), async (file) => {
    const { code, stdout } = await runAcs(["scenario", "from", file]);

    assert.equal(code, 0);
    assert.match(stdout, /"expect": ?"connected"/);
  });
});

test("A file that is too large is reported in one line, exit code 2, before it is read", async () => {
  await withFile("", async (file) => {
    await truncate(file, 300 * 1024 * 1024);

    for (const command of [["scenario", "from"], ["show", "--text"]]) {
      const { code, stderr } = await runAcs([...command, file]);

      assert.equal(code, 2);
      assert.match(
        stderr,
        /^error: cannot read .*agent\.log: it has 314572800 bytes, more than \d+; .*\n$/,
      );
    }
  });
});

for (
  const { what, file, why } of [
    { what: "missing", file: "/no/such/trace.jsonl", why: "there is no such file; check its path" },
    { what: "a directory", file: tmpdir(), why: "it is a directory; give the path of a file" },
  ]
) {
  test(`A file that is ${what} is an error in one sentence, which says what to do`, async () => {
    for (const command of [["show", "--text"], ["emulate", "--replay"]]) {
      const { code, stderr } = await runAcs([...command, file]);

      assert.deepEqual([code, stderr], [2, `error: cannot read the trace ${file}: ${why}\n`]);
    }
  });
}
