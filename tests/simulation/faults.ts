/**
 * The faults in a simulation: in the network, the service, the machine and the agent.
 *
 * @module
 */

import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import type { AgentConditions } from "./agent.ts";
import type { PathConditions } from "./path_conditions.ts";
import type { ServiceConditions } from "./service.ts";
import type { World } from "./world.ts";

/** The conditions that lasting faults change. */
export interface Conditions {
  readonly path: PathConditions;
  readonly service: ServiceConditions;
  readonly agent: AgentConditions;
}

/** A kind of fault. */
export interface Fault {
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  /** Minimum duration, in ms. */
  readonly shortestMs: number;
  /** Maximum duration, in ms. */
  readonly longestMs: number;
  /** Changes the conditions while it lasts. */
  readonly set?: (conditions: Conditions, size: number) => void;
  /** Happens when it begins. */
  readonly begin?: (world: World, size: number, forMs: number) => void;
  /** Happens when it has ended. */
  readonly end?: (world: World, size: number) => void;
  /** Whether it may last longer than the storm that it is part of. */
  readonly isLong?: boolean;
  /** Whether the session is to work as usual while it lasts. */
  readonly isHarmless?: (size: number) => boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** How long most faults last. */
const WHILE = { weight: 2, shortestMs: 5 * SECOND, longestMs: 20 * MINUTE };

/** Faults that happen in an instant. */
const ONCE = { weight: 2, shortestMs: 0, longestMs: 0 };

const TO = { containerInstanceArn: CONTAINER_INSTANCE_ARN };

/** How long a second agent of the same identity stays, in ms. */
const TWIN_MS = 20 * SECOND;

/** Where an agent may crash. */
const CRASH_POINTS = ["begun", "handled", "acknowledged"] as const;

/** The close codes of services and proxies. */
const CODES = [1000, 1001, 1002, 1006, 1008, 1011, 1012, 1013, 3000, 4000];

const EXCEPTIONS = [
  { status: 400, exception: "ThrottlingException", message: "Rate exceeded" },
  { status: 500, exception: "ServerException", message: "Internal error" },
  { status: 503, exception: "ServiceUnavailableException", message: "Try again" },
  { status: 400, exception: "InvalidClusterException", message: "The cluster does not exist" },
  { status: 403, exception: "AccessDeniedException", message: "Not authorized" },
];

/** The kinds of faults. */
export const FAULTS = {
  "partition": { ...WHILE, weight: 4, set: ({ path }) => void (path.isPartitioned = true) },
  "latency": { ...WHILE, set: ({ path }, size) => void (path.latencyMs = 50 + 4_000 * size) },
  "throttled link": {
    ...WHILE,
    set: ({ path }, size) => void (path.bytesPerSecond = 200 + 5_000 * size),
  },
  "answers swallowed": {
    weight: 4,
    shortestMs: 10 * MINUTE,
    longestMs: 30 * MINUTE,
    set: ({ path }) => void (path.swallowsUp = true),
    end: resetAll,
  },
  "path MTU hole": { ...WHILE, set: ({ path }) => void (path.maxBytesDown = 1_200), end: resetAll },
  "proxy forgets idle connections": {
    ...WHILE,
    longestMs: 2 * HOUR,
    set: ({ path }) => void (path.forgetsAfterMs = 50 * SECOND),
  },
  "connections refused": { ...WHILE, set: ({ path }) => void (path.connect = "refused") },
  "host name unknown": { ...WHILE, set: ({ path }) => void (path.connect = "unknown-host") },
  "connections hang": { ...WHILE, set: ({ path }) => void (path.connect = "hangs") },
  "reset": { ...ONCE, begin: (world) => each(world, (link) => link.cut("ECONNRESET")) },
  "half-open": { ...ONCE, weight: 4, begin: (world) => each(world, (link) => link.vanish()) },
  "router forgets": { ...ONCE, begin: (world) => each(world, (link) => link.kill()) },
  "end of stream lost": {
    ...ONCE,
    begin(world) {
      each(world, (link) => link.down.isDead = true);
      closeAll(world, 1001);
    },
  },
  "FIN": { ...ONCE, begin: ({ service }) => service.emulator.hub.open.forEach((one) => one.end()) },
  "slow reader": {
    ...WHILE,
    // Without buffers on the way, the session notices that nothing is accepted.
    set({ path }, size) {
      if (size < 0.5) path.kernelBytes = 0;
    },
    begin: (world) => each(world, (link) => link.up.isPaused = true),
    end: resetAll,
  },
  "close": {
    ...ONCE,
    begin: (world, size) => closeAll(world, CODES[Math.floor(size * CODES.length)] ?? 1000),
  },
  "rolling restart": {
    weight: 2,
    shortestMs: MINUTE,
    longestMs: 5 * MINUTE,
    begin(world, size, forMs) {
      const count = 2 + Math.floor(size * 6);
      for (let number = 0; number < count; number++) {
        world.time.after("world", Math.floor(number * forMs / count), () => closeAll(world, 1001));
      }
    },
  },
  "accepted and closed": {
    ...WHILE,
    set: ({ service }, size) => void (service.closesAtOnce = size < 0.7 ? 1000 : 1011),
    begin: (world) => closeAll(world, 1001),
  },
  "service silent": { ...WHILE, set: ({ path }) => void (path.isSilent = true), end: resetAll },
  "frames garbled": { ...WHILE, set: ({ path }) => void (path.garbles = true), end: resetAll },
  "service hangs": { ...WHILE, set: ({ service }) => void (service.hangs = true), begin: resetAll },
  "noise": {
    ...WHILE,
    begin: (world, size, forMs) => noise(world, size, forMs),
  },
  "upgrade refused": {
    ...WHILE,
    weight: 3,
    set({ service }, size) {
      service.upgradeRefusal = EXCEPTIONS[Math.floor(size * EXCEPTIONS.length)];
    },
    begin: (world, size) => size < 0.7 && resetAll(world),
  },
  "upgrade answered by a proxy": {
    ...WHILE,
    set: ({ service }, size) =>
      void (service.upgradePage = size < 0.5
        ? { status: 502, body: "<html>Bad Gateway</html>" }
        : { status: 403, body: "echo" }),
    begin: (world, size) => size < 0.7 && resetAll(world),
  },
  "discovery refused": {
    ...WHILE,
    set: ({ service }, size) =>
      void (service.discoverRefusal = EXCEPTIONS[Math.floor(size * EXCEPTIONS.length)]),
  },
  "discovery answered by a proxy": {
    ...WHILE,
    set: ({ service }) => void (service.discoverPage = "<html>Please log in</html>"),
  },
  "endpoint moves": {
    ...ONCE,
    begin: moveEndpoint,
  },
  "endpoint moves during a partition": {
    ...WHILE,
    set: ({ path }) => void (path.isPartitioned = true),
    begin: moveEndpoint,
    end: moveEndpoint,
  },
  "cut inside a frame": {
    ...ONCE,
    weight: 3,
    begin: (world, size) => each(world, ({ up, down }) => (size < 0.5 ? up : down).cutsNext = true),
  },
  "deregistered": {
    ...WHILE,
    weight: 1,
    begin(world) {
      const { instances, hub } = world.service.emulator;
      instances.deregister(CONTAINER_INSTANCE_ARN);
      for (const connection of hub.open) {
        if (connection.containerInstanceArn !== CONTAINER_INSTANCE_ARN) continue;
        connection.close(1008, "InactiveInstanceException: The container instance is inactive");
      }
    },
    end: ({ service }) => service.emulator.instances.register(CONTAINER_INSTANCE_ARN),
  },
  "second connection": { ...ONCE, begin: (world) => world.connectTwin(TWIN_MS) },
  "second connection for hours": {
    weight: 1,
    shortestMs: 30 * MINUTE,
    longestMs: 6 * HOUR,
    isLong: true,
    begin: (world, _size, forMs) => world.connectTwin(forMs),
  },
  "suspension": {
    weight: 3,
    shortestMs: 20 * SECOND,
    longestMs: 8 * HOUR,
    begin: ({ time, network }, _size, forMs) => {
      time.suspend(forMs);
      // Long before the machine resumes, the service and the routers have dropped the connection.
      if (forMs > 10 * MINUTE) { for (const link of network.links) link.kill(); }
    },
  },
  "suspension for days": {
    weight: 1,
    shortestMs: HOUR,
    longestMs: 4 * DAY,
    isLong: true,
    begin: suspendLong,
  },
  "keys expired at resume": {
    weight: 1,
    shortestMs: HOUR,
    longestMs: 12 * HOUR,
    isLong: true,
    // The provider still has the keys from before, until it is asked for fresh ones.
    set: ({ agent }) => void (agent.keys = "are-stale"),
    begin(world, size, forMs) {
      const suspendedMs = forMs - 10 * MINUTE;
      suspendLong(world, size, suspendedMs);
      world.time.after("world", suspendedMs / 2, () => world.rotateKeys());
    },
  },
  "clock set by years": {
    weight: 2,
    shortestMs: MINUTE,
    longestMs: 2 * HOUR,
    begin: (world, size) =>
      world.setClock((size < 0.5 ? -1 : 1) * (1 + Math.floor(size * 10)) * YEAR),
    end: (world) => world.setClock(0),
  },
  "clock set": {
    weight: 3,
    shortestMs: MINUTE,
    longestMs: 2 * HOUR,
    begin: (world, size) => world.setClock(clockErrorMs(size)),
    end: (world) => world.setClock(0),
    // Signatures are corrected by up to a day.
    isHarmless: (size) => Math.abs(clockErrorMs(size)) < DAY,
  },
  "machine moved": {
    weight: 2,
    shortestMs: 30 * MINUTE,
    longestMs: 2 * HOUR,
    // The clock is set back, and the connection is dead, at the same moment.
    begin(world) {
      world.setClock(-5 * HOUR);
      each(world, (link) => link.vanish());
    },
    end: (world) => world.setClock(0),
    isHarmless: () => true,
  },
  "blocked thread": {
    weight: 2,
    shortestMs: SECOND,
    longestMs: 3 * MINUTE,
    begin: ({ time }, _size, forMs) => time.block(forMs),
  },
  "agent crashes": {
    weight: 3,
    shortestMs: SECOND,
    longestMs: 10 * MINUTE,
    begin: ({ agent }) => agent.crash(),
    end: ({ agent }) => agent.start(),
  },
  "agent crashes inside a handler": {
    weight: 3,
    shortestMs: 5 * SECOND,
    longestMs: 20 * MINUTE,
    set: ({ agent }, size) =>
      void (agent.crashesOnce = CRASH_POINTS[Math.floor(size * CRASH_POINTS.length)]),
    // Something must be handled in the meantime.
    begin: ({ service }) => void service.emulator.sendTaskManifest({}, TO),
    end: ({ agent }) => agent.start(),
  },
  "old state restored": {
    weight: 2,
    shortestMs: SECOND,
    longestMs: 10 * MINUTE,
    begin: (world) => world.restoreOldState(),
    end: ({ agent }) => agent.start(),
  },
  "user stops the agent": {
    weight: 2,
    shortestMs: 15 * SECOND,
    longestMs: 10 * MINUTE,
    begin: ({ agent }) => agent.stop(),
    end: ({ agent }) => agent.start(),
  },
  "slow handlers": {
    ...WHILE,
    set: ({ agent }, size) => void (agent.handlerMs = 500 + 20_000 * size),
  },
  "handlers that block the thread": {
    ...WHILE,
    isHarmless: () => true,
    set: ({ agent }, size) => void (agent.blocksMs = 1 + Math.floor(30 * size)),
  },
  "stuck handlers": {
    ...WHILE,
    set: ({ agent }) => void (agent.areHandlersStuck = true),
    end: ({ agent }) => agent.conditions.areHandlersStuck || agent.releaseHandlers(),
  },
  "throwing handlers": { ...WHILE, set: ({ agent }, size) => void (agent.throwRate = size) },
  "keys slow": { ...WHILE, set: ({ agent }) => void (agent.keys = "are-slow"), begin: resetAll },
  "keys late": {
    weight: 2,
    shortestMs: 5 * MINUTE,
    longestMs: 40 * MINUTE,
    // Later than the session waits for them: it uses them for the next attempt.
    isHarmless: () => true,
    set: ({ agent }) => void (agent.keys = "are-late"),
    begin: resetAll,
  },
  "keys fail": { ...WHILE, set: ({ agent }) => void (agent.keys = "fail"), begin: resetAll },
  "keys hang": { ...WHILE, set: ({ agent }) => void (agent.keys = "hang"), begin: resetAll },
  "keys stale": {
    weight: 2,
    shortestMs: 10 * MINUTE,
    longestMs: 2 * HOUR,
    isHarmless: () => true,
    set: ({ agent }) => void (agent.keys = "are-stale"),
    begin(world) {
      world.rotateKeys();
      resetAll(world);
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

/** The name of a kind of fault. */
export type FaultKind = keyof typeof FAULTS;

type AnyLink = World["network"]["links"][number];

function each({ network }: World, act: (link: AnyLink) => void): void {
  for (const link of network.links) act(link);
}

function moveEndpoint({ service, network }: World): void {
  service.hostNumber += 1;
  for (const link of network.links) link.vanish();
}

/** Long before the machine resumes, the service and the routers have dropped the connection. */
function suspendLong({ time, network }: World, _size: number, forMs: number): void {
  time.suspend(forMs);
  for (const link of network.links) link.vanish();
}

function resetAll(world: World): void {
  each(world, (link) => link.cut("ECONNRESET"));
}

function closeAll({ service }: World, code: number): void {
  for (const connection of service.emulator.hub.open) {
    if (code === 1006) connection.reset();
    else connection.close(code, "");
  }
}

/** Seconds, hours or days, forward or back. */
function clockErrorMs(size: number): number {
  const errors = [-5 * SECOND, 20 * SECOND, -10 * MINUTE, 10 * MINUTE, -5 * HOUR, 5 * HOUR];
  return [...errors, -30 * DAY, 30 * DAY][Math.floor(size * 8)] ?? 0;
}

const NOISE = [
  "",
  "{",
  "<html>",
  '{"type":"NewsMessage","message":{"messageId":"n"}}',
  '{"type":"PayloadMessage","message":"text"}',
  '{"type":"PayloadMessage","message":{"tasks":[]}}',
  '{"type":"HeartbeatMessage"}',
  '{"type":"TaskManifestMessage","message":{"messageId":"old","timeline":1,"tasks":[]}}',
  '{"type":"ErrorMessage","message":{"message":"an error"}}',
];

/** The answer to a verification that nobody has sent. */
function strayVerification({ service, time }: World, containerInstanceArn: string): string {
  const stopTasks = service.runningTasks(containerInstanceArn)
    .map((taskArn) => ({ taskArn, desiredStatus: "STOPPED" }));
  const message = { messageId: "stray", generatedAt: time.now, stopTasks };
  return JSON.stringify({ type: "TaskStopVerificationAck", message });
}

/** Frames that are not messages, or wrong ones. */
function noise(world: World, size: number, forMs: number): void {
  const everyMs = 5 * SECOND + Math.floor(size * 25 * SECOND);
  for (let atMs = 0; atMs < forMs; atMs += everyMs) {
    const noise = NOISE[Math.floor(atMs / everyMs) % (NOISE.length + 1)];
    world.time.after("world", atMs, () => {
      for (const connection of world.service.emulator.hub.open) {
        connection.send(noise ?? strayVerification(world, connection.containerInstanceArn));
      }
    });
  }
}
