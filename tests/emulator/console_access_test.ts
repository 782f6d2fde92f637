import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { request } from "node:http";
import { AcsEmulator } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";

/** A response. */
interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Requests a file. Unlike `fetch`, it allows any headers. */
function get(
  { url }: Pick<AcsEmulator, "url">,
  path: string,
  { method = "GET", headers = {} }: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}${path}`, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => text += chunk);
      response.on(
        "end",
        () => resolve({ status: response.statusCode, headers: response.headers, text }),
      );
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** Returns the paths of the files that the page loads. */
async function filesOf(emulator: AcsEmulator): Promise<string[]> {
  const { text } = await get(emulator, "/emulator/ui/");
  const names = [...text.matchAll(/(?:src|href)="?([^"#\s>]+)/g)].map(([, name]) => name);
  return [...new Set(names)].map((name) => `/emulator/ui/${name}`);
}

test("The console's page and its files take less than 60 KB in total, and load nothing else", async () => {
  await using emulator = await AcsEmulator.listen();
  const page = await get(emulator, "/emulator/ui/");
  const files = await filesOf(emulator);

  let bytes = Buffer.byteLength(page.text);
  for (const path of files) {
    const { status, headers, text } = await get(emulator, path);
    bytes += Buffer.byteLength(text);
    assert.equal(status, 200, path);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.doesNotMatch(text, /\bimport\(|@import|innerHTML|\beval\(/, path);
  }

  assert.equal(page.status, 200);
  assert.match(String(page.headers["content-type"]), /^text\/html/);
  assert.deepEqual(files.map((path) => path.split(".").at(-1)).sort(), ["css", "js", "svg"]);
  assert.ok(bytes < 60_000, `${bytes} bytes`);
});

test("The console's page may load only its own files, and cannot be framed", async () => {
  await using emulator = await AcsEmulator.listen();

  const { headers, text } = await get(emulator, "/emulator/ui/");

  const policy = String(headers["content-security-policy"]);
  assert.match(
    policy,
    /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'/,
  );
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.doesNotMatch(text, /<script>|<style|style=| on\w+=/);
});

test("The path without its trailing slash redirects to the console", async () => {
  await using emulator = await AcsEmulator.listen();

  const { status, headers } = await get(emulator, "/emulator/ui");

  assert.deepEqual([status, headers.location], [308, "/emulator/ui/"]);
});

test("A request for a missing file of the console gets status 404", async () => {
  await using emulator = await AcsEmulator.listen();

  for (const name of ["trace", "other.js", "constructor", "__proto__"]) {
    assert.equal((await get(emulator, `/emulator/ui/${name}`)).status, 404, name);
  }
});

test("A POST to the console's page is refused", async () => {
  await using emulator = await AcsEmulator.listen();

  const { status, headers } = await get(emulator, "/emulator/ui/", { method: "POST" });

  assert.deepEqual([status, headers["allow"]], [405, "GET"]);
});

for (
  const [title, headers] of [
    ["by a foreign name that resolves to this machine", { Host: "attacker.example" }],
    ["as a script of a page from another site", {
      "Sec-Fetch-Site": "cross-site",
      "Sec-Fetch-Dest": "script",
    }],
    ["in a frame of a page from another site", {
      "Sec-Fetch-Site": "cross-site",
      "Sec-Fetch-Dest": "iframe",
    }],
    ["by a script of a page from another site", { Origin: "https://attacker.example" }],
  ] as const
) {
  test(`The console's page is refused ${title}`, async () => {
    await using emulator = await AcsEmulator.listen();

    const { status, text } = await get(emulator, "/emulator/ui/", { headers });

    assert.equal(status, 403);
    assert.match(text, /ForeignHost|ForeignOrigin/);
  });
}

test("A link on another site can open the console", async () => {
  await using emulator = await AcsEmulator.listen();

  const { status } = await get(emulator, "/emulator/ui/", {
    headers: { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document" },
  });

  assert.equal(status, 200);
});

test("With a token, the console works under any host name of the machine, but not for other origins", async () => {
  const controlToken = "long and unguessable";
  await using emulator = await AcsEmulator.listen({ hostname: "0.0.0.0", controlToken });
  const { port } = new URL(emulator.url);
  const local = { url: `http://127.0.0.1:${port}` };
  const call = async (origin: string, authorization = `Bearer ${controlToken}`) => {
    const headers = { Host: `build-server:${port}`, Origin: origin, Authorization: authorization };
    return (await get(local, "/emulator/run-task", { method: "POST", headers })).status;
  };

  const own = await call(`http://build-server:${port}`);
  const foreign = await call("https://attacker.example");
  const opaque = await call("null");
  const rebound = await call(`http://build-server:${port}`, "Bearer guess");

  assert.deepEqual([own, foreign, opaque, rebound], [200, 403, 403, 401]);
  assert.equal(emulator.tasks.length, 1);
});

test("The page itself is served without the token, so that it can prompt for it", async () => {
  const controlToken = "long and unguessable";
  await using emulator = await AcsEmulator.listen({ controlToken });

  const { status, text } = await get(emulator, "/emulator/ui/");

  assert.equal(status, 200);
  assert.ok(!text.includes(controlToken));
});
