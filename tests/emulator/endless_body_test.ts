import assert from "node:assert/strict";
import { request } from "node:http";
import { AcsEmulator } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";

/**
 * Writes an endless body until the connection is closed; resolves with the number of bytes written.
 */
function pour(url: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const chunk = new Uint8Array(65_536);
    let written = 0;
    const outgoing = request(url, { method: "POST", headers, agent: false });
    outgoing.on("error", () => resolve(written));
    outgoing.on("close", () => resolve(written));
    outgoing.on("response", (response) => response.resume().on("error", () => {}));
    const more = () => {
      written += chunk.byteLength;
      if (outgoing.destroyed) return;
      outgoing.write(chunk, (error) => error ? resolve(written) : setImmediate(more));
    };
    more();
  });
}

for (
  const [title, path, headers] of [
    ["a control call", "/emulator/send-raw", {}],
    ["a DiscoverPollEndpoint", "/", {
      "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint",
    }],
  ] as const
) {
  test(`An endless body of ${title} is cut off`, async () => {
    await using emulator = await AcsEmulator.listen({ requestTimeoutMs: 600_000 });

    const written = await pour(`${emulator.url}${path}`, headers);

    assert.ok(written > 65_536);
  });
}
