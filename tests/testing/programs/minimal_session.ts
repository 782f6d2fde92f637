/**
 * A program that only runs a session, to find the permissions that it needs on Deno. Its first
 * argument is the URL of the ECS API; with `ws` as the second, its sockets are those of npm's `ws`.
 *
 * @module
 */

import { Session } from "../../../mod.ts";
import { CONTAINER_INSTANCE_ARN } from "../fakes/session_stage.ts";

const transport = Deno.args[1] === "ws"
  ? (await import("../../../wsclient/transports/ws.ts")).wsTransport
  : undefined;
const session = new Session({
  ...(transport && { transport }),
  region: "us-west-2",
  containerInstanceArn: CONTAINER_INSTANCE_ARN,
  credentials: {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  },
  endpoint: Deno.args[0] ?? "",
  agentVersion: "1.0.0",
});
const ended = new Promise<string>((resolve) => {
  session.addEventListener("sent", ({ detail }) => resolve(detail.type));
  session.addEventListener("connectfailed", ({ detail }) => resolve(detail.error.message));
});
const running = session.start();
const output = new TextEncoder().encode(await ended);
await Deno.stdout.write(output);
await session.stop();
await running;
