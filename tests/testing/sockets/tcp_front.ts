/**
 * A TCP proxy in front of a service, for what the service itself cannot do to its connections: end
 * them in the middle of a frame, refuse them before a byte was read, hold everything back.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";

/** The sender of the frame in which the connection breaks. */
export type FrameSender = "service" | "agent";

/** How a connection is ended: cleanly, or by a reset. */
export type Cut = "fin" | "rst";

/** What the front does with a new connection. */
export type FrontMode = "pass" | "refuse";

/** A running front. */
export interface TcpFront {
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** The number of connections that currently pass through it. */
  readonly open: number;
  /** The number of frames it has cut so far. */
  readonly cuts: number;
  /** What it does with new connections; `refuse` resets them immediately. */
  mode: FrontMode;
  /**
   * Ends every connection in the middle of the next frame that this side sends over it: the frame's
   * last bytes are held back.
   */
  cutNextFrame(sender: FrameSender, how: Cut): void;
  /** Closes everything. */
  close(): Promise<void>;
}

/** Fewer bytes than any frame has. */
const KEPT_BACK_BYTES = 1;

/** One connection, with both its sockets. */
interface Passage {
  readonly agent: Socket;
  readonly service: Socket;
  readonly cutNext: Partial<Record<FrameSender, Cut>>;
}

/**
 * Starts a front on a free port of 127.0.0.1.
 *
 * @param targetPort The service's port on 127.0.0.1.
 */
export async function startTcpFront(targetPort: number): Promise<TcpFront> {
  const passages = new Set<Passage>();
  const state: { mode: FrontMode; cuts: number } = { mode: "pass", cuts: 0 };

  const server = createServer((agent) => {
    agent.on("error", () => {});
    if (state.mode === "refuse") return void agent.resetAndDestroy();
    const service = connect(targetPort, "127.0.0.1");
    const passage: Passage = { agent, service, cutNext: {} };
    passages.add(passage);
    const join = (sender: FrameSender, from: Socket, to: Socket) => {
      from.on("data", (chunk: Buffer) => {
        const how = passage.cutNext[sender];
        if (how === undefined) return void to.write(chunk);
        state.cuts += 1;
        delete passage.cutNext[sender];
        to.write(chunk.subarray(0, chunk.length - KEPT_BACK_BYTES), () => end(passage, how));
      });
      from.on("end", () => to.end());
      from.on("error", () => reset(to));
      from.on("close", () => {
        passages.delete(passage);
        to.destroySoon();
      });
    };
    join("agent", agent, service);
    join("service", service, agent);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port to listen on");

  return {
    port: address.port,
    get open() {
      return passages.size;
    },
    get cuts() {
      return state.cuts;
    },
    get mode() {
      return state.mode;
    },
    set mode(mode) {
      state.mode = mode;
    },
    cutNextFrame(sender, how) {
      for (const { cutNext } of passages) cutNext[sender] = how;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const passage of passages) end(passage, "rst");
      await closed;
    },
  };
}

function end({ agent, service }: Passage, how: Cut): void {
  for (const socket of [agent, service]) {
    if (how === "rst") reset(socket);
    else socket.destroySoon();
  }
}

/** Node cannot reset a socket that is being ended: it would keep the handle forever. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
