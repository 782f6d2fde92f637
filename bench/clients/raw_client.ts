/**
 * A socket that answers each frame after reading only its header, to measure the load generator's
 * maximum rate.
 *
 * @module
 */

import { connect } from "node:net";
import { clientFrame, FrameReader, OPCODE } from "../load/frames.ts";
import { type ClientArguments, startClient } from "./client_process.ts";

/** An answer as long as a payload's acknowledgement. */
const ANSWER = clientFrame(
  Buffer.from(JSON.stringify({
    type: "AckRequest",
    message: {
      cluster: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
      containerInstance: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/" +
        "0123456789abcdef0123456789abcdef",
      messageId: "f2a4c0d8-0000-4000-8000-000000000001",
    },
  })),
);

const END_OF_HEAD = "\r\n\r\n";

startClient(open);

function open({ url }: ClientArguments): Promise<void> {
  const { hostname, port, host, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.write(
    `GET ${pathname}ws HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13${END_OF_HEAD}`,
  );
  let answers = 0;
  const reader = new FrameReader((opcode) => {
    if (opcode === OPCODE.text) answers += 1;
  });
  const read = (chunk: Buffer) => {
    answers = 0;
    reader.read(chunk);
    if (answers > 0) socket.write(Buffer.concat(Array.from({ length: answers }, () => ANSWER)));
  };
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    const readHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      socket.off("data", readHead);
      socket.on("data", read);
      resolve();
      read(head.subarray(end + END_OF_HEAD.length));
    };
    socket.on("data", readHead);
  });
}
