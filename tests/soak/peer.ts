/**
 * The service of a soak, in a separate process: the emulator with every possible fault.
 * Arguments: the number of container instances, the seed.
 *
 * @module
 */

import { createServer } from "node:http";
import process from "node:process";
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "../../emulator/mod.ts";
import { seededRandom } from "../testing/fuzz/seeded_random.ts";
import { startTcpFront } from "../testing/sockets/tcp_front.ts";
import { startTroubles } from "./peer_troubles.ts";
import { startTraffic } from "./peer_traffic.ts";
import { onCommand, report } from "./report.ts";

/** How long pending messages may take to be answered once there are no more faults, in ms. */
const CALM_MS = 60_000;

const [instances = "", seed = ""] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const emulator = await AcsEmulator.listen({
  heartbeatIntervalMs: [200, 400],
  missedHeartbeatLimit: 10,
  historyLimit: 1_000,
});
const port = Number(new URL(emulator.url).port);
const fronts = [await startTcpFront(port), await startTcpFront(port)] as const;

let keys = EXAMPLE_CREDENTIALS;
const keyServer = createServer((_request, response) => response.end(JSON.stringify(keys)));
await new Promise<void>((resolve) => keyServer.listen(0, "127.0.0.1", resolve));
const address = keyServer.address();
if (address === null || typeof address === "string") throw new Error("no port to listen on");

const traffic = startTraffic(emulator, Number(instances), random);
const troubles = startTroubles({
  emulator,
  fronts,
  instances: Number(instances),
  random,
  rotateKeys(next) {
    keys = next;
    emulator.acceptCredentials(next);
  },
});
report({ kind: "listening", url: emulator.url, keysUrl: `http://127.0.0.1:${address.port}` });

onCommand((command) => {
  if (command === "calm") void calm();
  if (command === "exit") process.exit(0);
});

/** Stops all faults, and waits for pending answers. */
async function calm(): Promise<void> {
  traffic.stop();
  troubles.stop();
  const giveUpAt = performance.now() + CALM_MS;
  while (traffic.answered < traffic.posted && performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { posted, answered } = traffic;
  report({ kind: "calm", counts: { posted, answered, faults: troubles.counts } });
}
