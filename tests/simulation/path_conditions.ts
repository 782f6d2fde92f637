/**
 * The conditions of the path between the agent and the service.
 *
 * @module
 */

/** What the network does to connections, open and new ones. */
export interface PathConditions {
  /** Minimum latency of one way, in ms; up to twice that. */
  latencyMs: number;
  /** The rate of the link. */
  bytesPerSecond: number;
  /** How many bytes the kernels of both sides, and proxies between them, buffer. */
  kernelBytes: number;
  /** Whether nothing passes; TCP retransmits it afterwards. */
  isPartitioned: boolean;
  /** Whether what the agent sends is swallowed after the upgrade. */
  swallowsUp: boolean;
  /** Whether what the service sends is swallowed. */
  isSilent: boolean;
  /** Whether the agent gets an error page in place of each frame. */
  garbles: boolean;
  /** Larger frames to the agent are swallowed, as by a hole in the path MTU. */
  maxBytesDown: number;
  /** After this time without a frame a proxy forgets the connection, in ms. */
  forgetsAfterMs: number;
  /** What happens to a new connection before anything is sent over it. */
  connect: "works" | "refused" | "unknown-host" | "hangs";
}

/** A network without faults. */
export function calmPath(): PathConditions {
  return {
    latencyMs: 20,
    bytesPerSecond: 10_000_000,
    kernelBytes: 200_000,
    isPartitioned: false,
    swallowsUp: false,
    isSilent: false,
    garbles: false,
    maxBytesDown: Infinity,
    forgetsAfterMs: Infinity,
    connect: "works",
  };
}
