/**
 * A proxy in front of the emulator that terminates TLS.
 */

import assert from "node:assert/strict";
import { request } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createServer } from "node:tls";
import { AcsEmulator } from "../../emulator/mod.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { test } from "../testing/test.ts";
import { signHeaders, TestAgent } from "./test_agent.ts";

/** Terminates TLS on a port of localhost, and forwards everything to another port. */
async function startProxy(
  certificate: { readonly key: string; readonly cert: string },
  targetPort: () => number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ ...certificate, ALPNProtocols: ["http/1.1"] }, (socket) => {
    const upstream = connect(targetPort(), "127.0.0.1");
    for (const [one, other] of [[socket, upstream], [upstream, socket]] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = portOf(server.address());
  return {
    url: `https://localhost:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(address: AddressInfo | string | null): { readonly port: number } {
  assert.ok(typeof address === "object" && address !== null);
  return address;
}

/** Calls DiscoverPollEndpoint over TLS. */
async function discover(url: string, ca: string): Promise<string> {
  const body = "{}";
  const headers = await signHeaders(`${url}/`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint",
    },
  });
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request(url, { method: "POST", headers, ca, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => text += chunk);
      response.on("end", () => resolve(text));
    });
    sent.once("error", reject).end(body);
  });
  return JSON.parse(answer).endpoint;
}

test("An agent that requires TLS reaches the emulator through a proxy, and is accepted", async () => {
  const { ca, key, cert } = await createTestCa();
  let port = 0;
  const proxy = await startProxy({ key, cert }, () => port);
  const emulator = await AcsEmulator.listen({ publicUrl: proxy.url });
  port = Number(new URL(emulator.url).port);

  const endpoint = await discover(proxy.url, ca);
  assert.equal(endpoint, `${proxy.url}/`);
  const agent = await TestAgent.connect({ url: endpoint.replace(/\/$/, "") }, { ca });
  emulator.sendError({ message: "through the proxy" });
  await agent.waitForFrames(1);

  await agent.leave();
  await emulator.close();
  await proxy.close();
});
