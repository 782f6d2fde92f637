/**
 * A minimal agent: it discovers an endpoint, connects, and answers some messages.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN } from "../../emulator/mod.ts";
import { signHeaders, TestAgent } from "./test_agent.ts";

/** Discovers the endpoint of ACS. Rejects with the status if the call is refused. */
export async function callDiscover(url: string): Promise<string> {
  const target = `${url}/`;
  const body = JSON.stringify({ containerInstance: SAMPLE_CONTAINER_INSTANCE_ARN });
  const headers = await signHeaders(target, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint",
    },
  });
  const response = await fetch(target, { method: "POST", headers, body });
  const answer: unknown = await response.json();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return isJsonObject(answer) ? String(answer.endpoint) : "";
}

/**
 * Connects, acknowledges payloads, and waits until the service ends the connection.
 *
 * @param endpoint The endpoint of ACS.
 * @param payloads The number of payloads to acknowledge.
 */
export async function connectAndAnswer(endpoint: string, payloads: number): Promise<void> {
  let agent: TestAgent;
  try {
    agent = await TestAgent.connect({ url: endpoint.replace(/\/$/, "") });
  } catch {
    // Refused, which a scenario expects.
    return;
  }
  for (let count = 1; count <= payloads; count++) {
    const frames = await agent.waitForFrames(count);
    const frame = frames[count - 1];
    if (frame !== undefined) agent.ack(frame);
  }
  await agent.ended;
}
