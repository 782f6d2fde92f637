/**
 * The tests that exist for one runtime only. All others run on both.
 *
 * @module
 */

import { BREAKAGES } from "../fault/broken_websocket.ts";

/** A test for one runtime. */
export interface Exception {
  /** The runtime. */
  readonly only: "Deno" | "Node";
  /** The test's title. */
  readonly title: string;
}

/** Node's WebSocket reports why an upgrade was refused, so only Deno's needs a second request. */
const SECOND_REQUEST = [
  "The second request for a refusal's reason has a new signature and uses the same URL",
  "An upgrade over ws that fails once and is accepted the second time is reported as transient",
  "An upgrade over wss that fails once and is accepted the second time is reported as transient",
  "A peer that does not answer the second request times out",
  "Aborting during the second request rejects immediately and cancels it",
  "Headers that cannot be signed a second time do not hide the failure",
];

/** Node has no permissions that are required by default. */
const PERMISSIONS = [
  "a session",
  "a session, dual stack",
  "a session, @acs/session/ws",
  "an emulator",
  "acs demo",
  "acs emulate",
  "acs run, keys in environment",
].map((what) =>
  `The flags that docs/deployment.md has for ${what} are enough, and each of them is needed`
);

/** Only Deno restricts what a process may do. */
const LACKING_PERMISSIONS = [
  "the variables of its flags",
  "the variables that say where its home is",
  "the files with keys",
].map((what) => `An agent of acs run without permission to read ${what} says which flag it needs`);

/** Only Deno restricts what a process may do. */
const DENIED_FAILURES = [
  "A process that is not permitted to read the credentials is reported as ACS-C04, with a remedy",
  "A process that is not permitted to connect is reported as ACS-N06, with a remedy",
];

/** Deno always uses the proxy from the environment. */
const IGNORED_PROXY = ["A proxy that Node.js ignores is reported as ACS-P01, with a remedy"];

/** Deno's version of Node is never too old. */
const OLD_NODE = ["A Node that is too old is named in one line, before anything else is loaded"];

/** Deno's WebSocket does not check the key. */
const UNCHECKED = [
  "A wrong Sec-WebSocket-Accept goes unnoticed on Deno, and the connection works",
];

/** Deno has no dispatchers, and its WebSocket has no replacement. */
const DISPATCHER = [
  "A dispatcher given in the options that throws is an error that names @acs/session/ws",
  "A dispatcher given in the options that is none is an error that names @acs/session/ws",
  "A global dispatcher that the application has set is used, and keeps working",
  "A dispatcher given in the options keeps working after refusals, aborts and closes",
  ...Object.keys(BREAKAGES).map((what) =>
    `With ${what}, connections are made with ws immediately, and the log says why, once`
  ),
  "With a dispatcher that never calls back, the attempt after the first timeout is made with ws",
  "A proxy that the application gave to the global dispatcher is used instead of the environment's",
  "A connection without TLS uses a tunnel, too",
  ...[
    "A proxy named in the environment is used, and resolves the name",
    "A host named in NO_PROXY is connected to directly",
    "A proxy that refuses CONNECT causes a connection failure",
    "Aborting while a proxy does not answer CONNECT closes the socket to it",
    "A connection without TLS uses a tunnel, too",
  ].map((title) => `${title} (with ws instead of Node's WebSocket)`),
];

/**
 * Deno's WebSocket cannot be destroyed and does not check the key. The garbage collection test is
 * about listeners on Node's.
 */
const NOT_ON_DENO = [
  "Each phase of a connection attempt is reported (native)",
  "A peer that stalls in the TLS handshake is reported as such (native)",
  "A peer that stalls in the upgrade is reported as such, even over TLS (native)",
  "The bytes of half a message over ws are noticed (native)",
  "The bytes of half a message over wss are noticed (native)",
  "A peer that pings and does not read the pongs is noticed (native)",
  "A garbage collection while connecting does not cause a second request after a refusal",
  "A process exits on its own after closing a connection whose peer does not answer the close",
  "A peer that never answers our close frame is cut off after the grace period (native)",
  "An upgrade accepted with the wrong key is a connection failure (native)",
  "A wrong Sec-WebSocket-Accept: the session tries again after 250 ms",
];

/** Deno's WebSocket does not accept a list in the `Connection` header of the answer. */
const CONNECTION_LISTS = ["ws", "wss"].flatMap((scheme) =>
  ["Connection: keep-alive, Upgrade", "Connection: keep-alive; Connection: upgrade"]
    .map((what) => `An upgrade over ${scheme} answered with "${what}"`)
).flatMap((start): Exception[] => [
  { only: "Deno", title: `${start} is an error that names @acs/session/ws (native)` },
  { only: "Node", title: `${start} connects (native)` },
]);

export const EXCEPTIONS: readonly Exception[] = [
  ...CONNECTION_LISTS,
  ...[
    ...SECOND_REQUEST,
    ...PERMISSIONS,
    ...LACKING_PERMISSIONS,
    ...DENIED_FAILURES,
    ...UNCHECKED,
  ].map((title): Exception => ({ only: "Deno", title })),
  ...[...IGNORED_PROXY, ...OLD_NODE, ...DISPATCHER, ...NOT_ON_DENO].map((title): Exception => ({
    only: "Node",
    title,
  })),
];
