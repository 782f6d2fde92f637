/** `acs record` as a command: its flags and its environment. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "../../../emulator/mod.ts";
import { TestAgent } from "../../emulator/test_agent.ts";
import { USES_PROXY } from "../../testing/failures/proxied_session.ts";
import {
  type AcsProcess,
  type Exit,
  runAcs,
  startAcs,
} from "../../testing/programs/acs_command.ts";
import { createTestCa } from "../../testing/sockets/test_ca.ts";
import { test } from "../../testing/test.ts";
import { callApi } from "./recording_stage.ts";

/** A name that only a proxy can resolve. */
const HOST = "ecs.invalid";

const KEYS = {
  AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
};

/** Runs the command with a trace in a temporary folder. */
async function withRecorder(
  args: readonly string[],
  env: Record<string, string>,
  use: (recorder: AcsProcess, url: string) => Promise<void>,
): Promise<Exit> {
  const folder = await mkdtemp(join(tmpdir(), "acs-record-"));
  const recorder = startAcs(
    ["record", "--trace", join(folder, "trace.jsonl"), ...args],
    { ...KEYS, ...env },
  );
  try {
    const [, url = ""] = await recorder.output(/AWS_ENDPOINT_URL_ECS=["']?(http:\/\/[\d.:]+)/);
    await use(recorder, url);
  } finally {
    recorder.signal("SIGTERM");
    await recorder.ended;
    await rm(folder, { recursive: true });
  }
  return await recorder.ended;
}

/** A proxy that opens tunnels to the emulator, whatever host they are for, and refuses the rest. */
async function withTunnels(
  emulator: AcsEmulator,
  use: (proxy: string, hosts: readonly string[]) => Promise<void>,
  maxTunnels = Infinity,
): Promise<void> {
  const { hostname, port } = new URL(emulator.url);
  const hosts: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    sockets.add(socket);
    // The request is short enough for one packet.
    socket.once("data", (head: Uint8Array) => {
      hosts.push(/^CONNECT (\S+) /.exec(new TextDecoder().decode(head))?.[1] ?? "");
      if (hosts.length > maxTunnels) return void socket.end("HTTP/1.1 407 No\r\n\r\n");
      const tunnel = connect(Number(port), hostname, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(tunnel).pipe(socket);
      });
      tunnel.on("error", () => socket.destroy());
      socket.on("close", () => tunnel.destroy());
    });
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  try {
    await use(`http://127.0.0.1:${isAddress(address) ? address.port : 0}`, hosts);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  }
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

for (const scheme of ["http", "https"] as const) {
  test(`A recorder reaches an ${scheme} service through the proxy that the environment names`, async () => {
    const { ca, key, cert } = await createTestCa([HOST]);
    const folder = await mkdtemp(join(tmpdir(), "acs-ca-"));
    const caFile = join(folder, "ca.pem");
    await writeFile(caFile, ca);
    const upstream = `${scheme}://${HOST}:4570`;
    try {
      await using emulator = await AcsEmulator.listen({
        heartbeatIntervalMs: 0,
        publicUrl: upstream,
        ...(scheme === "https" && { tls: { key, cert } }),
      });
      await withTunnels(emulator, async (proxy, hosts) => {
        const env = {
          HTTP_PROXY: proxy,
          HTTPS_PROXY: proxy,
          NO_PROXY: "",
          NODE_EXTRA_CA_CERTS: caFile,
          // Otherwise Deno would look for an update through the proxy.
          DENO_NO_UPDATE_CHECK: "1",
          ...USES_PROXY,
        };

        const { stderr } = await withRecorder(
          ["--upstream", upstream],
          env,
          async (_recorder, url) => {
            const discovered = await callApi(url, "DiscoverPollEndpoint", {});
            const { endpoint } = JSON.parse(await discovered.text());
            const agent = await TestAgent.connect({ url: String(endpoint).replace(/\/$/, "") });
            emulator.sendRaw("through the proxy");
            assert.deepEqual(await agent.waitForTexts(1), ["through the proxy"]);
            await agent.leave();
          },
        );

        assert.deepEqual(hosts, [`${HOST}:4570`, `${HOST}:4570`]);
        // Node 22 warns that its own support for proxies is experimental.
        assert.doesNotMatch(stderr, /^(?:warning|error):/m);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

test("An upgrade that the proxy refuses is recorded with the proxy's status, without its password", async () => {
  const upstream = `http://${HOST}:4570`;
  await using emulator = await AcsEmulator.listen({ publicUrl: upstream });
  await withTunnels(emulator, async (proxy) => {
    const env = {
      HTTP_PROXY: proxy.replace("//", "//someone:made-up@"),
      NO_PROXY: "",
      DENO_NO_UPDATE_CHECK: "1",
      ...USES_PROXY,
    };

    const exit = await withRecorder(["--upstream", upstream], env, async (_recorder, url) => {
      const discovered = await callApi(url, "DiscoverPollEndpoint", {});
      const { endpoint } = JSON.parse(await discovered.text());
      await assert.rejects(TestAgent.connect({ url: String(endpoint).replace(/\/$/, "") }));
    });

    assert.match(exit.stdout, /refused upgrade.*refused CONNECT with status 407/);
    assert.match(exit.stderr, /could not forward an upgrade.*refused CONNECT with status 407/);
    assert.doesNotMatch(exit.stdout + exit.stderr, /made-up/);
  }, 1);
});

test("A call whose agent disconnects before the tunnel is open is not sent to the service", async () => {
  const connects = Promise.withResolvers<Socket>();
  const proxy = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => connects.resolve(socket));
  });
  await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const env = {
    HTTP_PROXY: `http://127.0.0.1:${isAddress(address) ? address.port : 0}`,
    NO_PROXY: "",
    DENO_NO_UPDATE_CHECK: "1",
    ...USES_PROXY,
  };
  try {
    await withRecorder(["--upstream", `http://${HOST}:4570`], env, async (_recorder, url) => {
      const { hostname, port } = new URL(url);
      const agent = connect(Number(port), hostname);
      agent.write(
        "POST / HTTP/1.1\r\nHost: recorder\r\nContent-Length: 2\r\n" +
          "X-Amz-Target: AmazonEC2ContainerServiceV20141113.ListClusters\r\n\r\n{}",
      );
      const tunnel = await connects.promise;
      agent.resetAndDestroy();
      // The recorder notices the reset before it answers a later request.
      await (await fetch(url)).body?.cancel();
      const sent = new Promise<string>((resolve) => {
        tunnel.once("data", (bytes: Uint8Array) => resolve(new TextDecoder().decode(bytes)));
        tunnel.once("end", () => resolve(""));
        tunnel.once("close", () => resolve(""));
      });
      tunnel.write("HTTP/1.1 200 OK\r\n\r\n");
      assert.equal(await sent, "");
      tunnel.destroy();
    });
  } finally {
    await new Promise((resolve) => proxy.close(resolve));
  }
});

test("acs record suggests a region if it does not know the one that was given, and goes on", async () => {
  await using emulator = await AcsEmulator.listen();
  const args = ["--upstream", emulator.url, "--region", "us-wets-2"];

  const { stderr } = await withRecorder(args, {}, async () => {});

  assert.equal(stderr, "warning: the region us-wets-2 is not known: did you mean us-west-2?\n");
});

test("Without credentials, a recorder of an emulator says where the emulator's keys are", async () => {
  const env = { AWS_PROFILE: "no-such-profile", AWS_EC2_METADATA_DISABLED: "true" };
  const args = ["record", "--upstream", "http://127.0.0.1:1", "--trace", "/no/such/folder/t.jsonl"];

  const { code, stderr } = await runAcs(args, env);

  assert.equal(code, 2);
  assert.match(stderr, /^error: no credentials to sign with: .*\n.*env --url URL\n$/);
});
