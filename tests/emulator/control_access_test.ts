import assert from "node:assert/strict";
import { AcsEmulator } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { call } from "./control_client.ts";

function portOf(emulator: AcsEmulator): string {
  return new URL(emulator.url).port;
}

for (const host of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"]) {
  test(`A call to the host ${host} is answered`, async () => {
    await using emulator = await AcsEmulator.listen();

    const { status } = await call(emulator, "/emulator/state", {
      headers: { Host: `${host}:${portOf(emulator)}` },
    });

    assert.equal(status, 200);
  });
}

for (
  const [title, headers] of [
    ["a foreign name that resolves to this machine", { Host: "attacker.example:PORT" }],
    ["another port", { Host: "127.0.0.1:1" }],
    ["a host without the port", { Host: "localhost" }],
    ["a page of another site", { Origin: "https://attacker.example" }],
    ["a page of another port of this machine", { Origin: "http://localhost:1" }],
    ["a page without an origin", { Origin: "null" }],
    ["an image in a page from another site", { "Sec-Fetch-Site": "cross-site" }],
    ["a page on another port of the same host", { "Sec-Fetch-Site": "same-site" }],
  ] as const
) {
  test(`A call by ${title} is refused with 403 and does nothing`, async () => {
    await using emulator = await AcsEmulator.listen();
    const given = Object.entries<string>(headers)
      .map(([name, value]) => [name, value.replace("PORT", portOf(emulator))]);

    const { status, body } = await call(emulator, "/emulator/run-task", {
      body: {},
      headers: Object.fromEntries(given),
    });

    assert.equal(status, 403);
    assert.match(JSON.stringify(body), /ForeignHost|ForeignOrigin/);
    assert.deepEqual(emulator.tasks, []);
  });
}

test("A page that the emulator itself would serve may call it", async () => {
  await using emulator = await AcsEmulator.listen();

  const { status } = await call(emulator, "/emulator/run-task", {
    body: {},
    headers: { "Origin": emulator.url, "Sec-Fetch-Site": "same-origin" },
  });

  assert.equal(status, 200);
});

test("An emulator that other machines can reach answers no call unless it has a token", async () => {
  await using emulator = await AcsEmulator.listen({ hostname: "0.0.0.0" });
  const local = { url: `http://127.0.0.1:${portOf(emulator)}` };

  const { status, text } = await call(local, "/emulator/state");

  assert.equal(status, 403);
  assert.match(text, /TokenRequired/);
  assert.match(text, /start it with a control token/);
});

test("With a token, only calls that send it are answered, whatever their Host header", async () => {
  const controlToken = "long and unguessable";
  await using emulator = await AcsEmulator.listen({ hostname: "0.0.0.0", controlToken });
  const local = { url: `http://127.0.0.1:${portOf(emulator)}` };
  const state = (headers: Record<string, string>) => call(local, "/emulator/state", { headers });
  const authorization = `Bearer ${controlToken}`;

  const without = await state({});
  const wrong = await state({ Authorization: "Bearer guess" });
  const right = await state({ Authorization: authorization, Host: "acs:4510" });
  const page = await state({ Authorization: authorization, Origin: "https://attacker.example" });

  assert.deepEqual([without.status, without.headers["www-authenticate"]], [401, "Bearer"]);
  assert.equal(wrong.status, 401);
  assert.equal(right.status, 200);
  assert.equal(page.status, 403);
  assert.ok(!without.text.includes(controlToken));
});

test("An empty token is refused before the emulator listens", async () => {
  await assert.rejects(AcsEmulator.listen({ controlToken: "" }), RangeError);
});
