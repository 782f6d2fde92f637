/**
 * A program that runs a session until its first attempt has failed, and prints the reason as JSON.
 * Its arguments: the URL of the ECS API or of ACS, which of the two it is, and whose sockets to
 * use.
 *
 * @module
 */

import process from "node:process";
import { Session } from "../../../mod.ts";

const [url = "", service, sockets] = process.argv.slice(2);
const transport = sockets === "ws"
  ? (await import("../../../wsclient/transports/ws.ts")).wsTransport
  : undefined;
const session = new Session({
  ...(transport && { transport }),
  ...(service === "ecs"
    ? { endpoint: url }
    : { fetch: () => Promise.resolve(Response.json({ endpoint: url })) }),
  region: "us-west-2",
  containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up+secret" },
  agentVersion: "1.0.0",
});
const failed = new Promise<Error>((resolve) => {
  session.addEventListener("connectfailed", ({ detail }) => resolve(detail.error));
});
const running = session.start();
const error = await failed;
process.stdout.write(JSON.stringify({ ...error, message: error.message }));
await session.stop();
await running;
