/**
 * Injects faults all the time: one fault for one container instance, outages for all, rotated keys,
 * and an endpoint that moves.
 *
 * @module
 */

import {
  type AcsEmulator,
  type EmulatorCredentials,
  EXAMPLE_CREDENTIALS,
} from "../../emulator/mod.ts";
import type { RandomSource } from "../../internal/jitter.ts";
import { drawBelow, drawOne } from "../testing/fuzz/seeded_random.ts";
import type { TcpFront } from "../testing/sockets/tcp_front.ts";
import { instanceArn } from "./instances.ts";
import { FAULTS } from "./peer_faults.ts";

/** Time between two faults, in ms. */
const FAULT_MS = 20;

/** Time between two rotations of the keys, in ms. */
const ROTATION_MS = 5_000;

/** Time between two outages, in ms. */
const OUTAGE_EVERY_MS = 7_000;

/** How long an outage lasts, in ms. */
const OUTAGE_MS = 700;

/** Time between two moves of the endpoint, in ms. */
const MOVE_MS = 11_000;

/**
 * A connection older than any session keeps one is a connection that the agent cannot destroy; in
 * ms.
 */
const OLD_MS = 10_000;

/** What the faults affect. */
export interface Troubles {
  /** The service. */
  readonly emulator: AcsEmulator;
  /** Two proxies in front of it; one of them is the endpoint. */
  readonly fronts: readonly [TcpFront, TcpFront];
  /** The number of container instances. */
  readonly instances: number;
  /** Chooses the faults. */
  readonly random: RandomSource;
  /** Makes other keys the valid ones. */
  rotateKeys(next: EmulatorCredentials): void;
}

/** Faults that are injected until they are stopped. */
export interface RunningTroubles {
  /** The number of faults by kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** Stops all faults. */
  stop(): void;
}

/** Starts them. */
export function startTroubles(troubles: Troubles): RunningTroubles {
  const { emulator, fronts, instances, random, rotateKeys } = troubles;
  const counts: Record<string, number> = {};
  const count = (what: string) => counts[what] = (counts[what] ?? 0) + 1;
  let [current, other] = fronts;
  const lead = () => emulator.endpoint = `http://127.0.0.1:${current.port}`;
  const faulty = (index: number) => {
    const name = drawOne(Object.keys(FAULTS), random);
    const fault = FAULTS[name];
    if (fault === undefined) return;
    emulator.injectFault(fault, { containerInstanceArn: instanceArn(index) });
    count(name);
  };
  const pass = () => {
    current.mode = "pass";
    other.mode = "refuse";
  };

  lead();
  pass();
  const timers = [
    setInterval(() => faulty(drawBelow(instances, random)), FAULT_MS),
    setInterval(() => {
      count("all keys rotated");
      rotateKeys({
        ...EXAMPLE_CREDENTIALS,
        secretAccessKey: `EXAMPLE-KEY-${counts["all keys rotated"]}`,
      });
    }, ROTATION_MS),
    setInterval(() => {
      count("outage for all");
      current.mode = "refuse";
      if (random() < 0.5) emulator.endConnections();
      else emulator.resetConnections();
      setTimeout(pass, OUTAGE_MS);
    }, OUTAGE_EVERY_MS),
    setInterval(() => {
      count("endpoint moved");
      [current, other] = [other, current];
      lead();
      pass();
      other.cutNextFrame(random() < 0.5 ? "service" : "agent", random() < 0.5 ? "fin" : "rst");
    }, MOVE_MS),
    setInterval(() => letGoOf(emulator), OLD_MS),
  ];
  return {
    counts,
    stop() {
      for (const timer of timers) clearInterval(timer);
      emulator.clearFaults();
      pass();
      setInterval(() => letGoOf(emulator), OLD_MS);
    },
  };
}

/**
 * Ends connections whose agent has closed but cannot destroy them, as TCP would eventually.
 */
function letGoOf(emulator: AcsEmulator): void {
  for (const connection of emulator.connections) {
    const isOld = Date.now() - connection.connectedAt > OLD_MS;
    if (isOld && connection.disconnectedAt === undefined) connection.reset();
  }
}
