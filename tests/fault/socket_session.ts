/**
 * A session over real sockets with a hand-written peer, whose address its ECS returns as that of
 * ACS.
 *
 * @module
 */

import type { SessionOptions } from "../../session/options.ts";
import { Session } from "../../session/session.ts";
import {
  encodeClose,
  OPCODE,
  type RawConnection,
  type RawPeer,
  startRawPeer,
} from "../testing/sockets/raw_peer.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS, FakeEcs } from "../testing/fakes/session_stage.ts";

/**
 * Creates both, and closes both after `fn`.
 *
 * @param behave What the peer does on each connection.
 * @param options Options of the session; delays are short by default.
 * @param fn Starts the session, and waits for what the test is about.
 */
export async function withSocketSession(
  behave: (connection: RawConnection) => void | Promise<void>,
  options: Partial<SessionOptions>,
  fn: (session: Session, peer: RawPeer) => Promise<void>,
): Promise<void> {
  const peer = await startRawPeer(behave);
  const ecs = new FakeEcs();
  ecs.answers = [() => Response.json({ endpoint: peer.url.replace("ws:", "http:") })];
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    credentials: CREDENTIALS,
    agentVersion: "1.0.0",
    fetch: ecs.fetch,
    timing: { backoffMinMs: 1, backoffMaxMs: 2, closeTimeoutMs: 1 },
    ...options,
  });
  try {
    await fn(session, peer);
  } finally {
    await session.stop();
    await peer.close();
  }
}

/**
 * Reads until the client closes, and answers that, so that every runtime can release the socket.
 */
export async function answerClose(connection: RawConnection): Promise<void> {
  let frame = await connection.readFrame();
  while (frame.opcode !== OPCODE.close) frame = await connection.readFrame();
  connection.write(encodeClose(1000));
  connection.end();
}
