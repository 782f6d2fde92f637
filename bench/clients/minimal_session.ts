/**
 * A minimal session: it discovers the ACS endpoint, signs both requests, and keeps an idle timer
 * and a lifetime timer. It validates nothing and cannot be stopped, so no session can use less
 * memory.
 *
 * @module
 */

import { AwsV4Signer } from "aws4fetch";
import { answerAll } from "./bare_loop.ts";

const IDLE_MS = 90_000;
const LIFETIME_MS = 30 * 60_000;

/**
 * Opens a minimal session.
 *
 * @param url The load generator's URL.
 * @returns Resolves when the socket is open.
 */
export async function openMinimalSession(url: string): Promise<void> {
  const headers = await sign("POST", url, "{}");
  const response = await fetch(url, { method: "POST", headers, body: "{}" });
  const { endpoint } = JSON.parse(await response.text());
  const address = `${endpoint}ws?clusterArn=default&agentVersion=1.0.0&seqNum=1&protocolVersion=2`;
  const socket = new WebSocket(address.replace("http", "ws"), {
    headers: await sign("GET", address),
  });
  const lifetime = setTimeout(() => socket.close(), LIFETIME_MS);
  let idle = setTimeout(() => socket.close(), IDLE_MS);
  socket.addEventListener("message", () => {
    clearTimeout(idle);
    idle = setTimeout(() => socket.close(), IDLE_MS);
  });
  socket.onclose = () => [lifetime, idle].forEach((timer) => clearTimeout(timer));
  await answerAll(socket);
}

async function sign(method: string, url: string, body?: string): Promise<Record<string, string>> {
  const signer = new AwsV4Signer({
    method,
    url,
    ...(body !== undefined && { body }),
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "example",
    service: "ecs",
    region: "us-west-2",
  });
  const { headers } = await signer.sign();
  headers.delete("host");
  return Object.fromEntries(headers);
}
