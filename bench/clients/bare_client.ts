/**
 * The bare loop: the runtime's own WebSocket, `JSON.parse`, an answer, `JSON.stringify`, `send`. What
 * a session is measured against.
 *
 * @module
 */

import { type ClientArguments, startClient } from "./client_process.ts";

startClient(open);

function open({ url }: ClientArguments): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
  socket.onmessage = ({ data }) => {
    const { type, message } = JSON.parse(data);
    const answer = type === "HeartbeatMessage"
      ? { type: "HeartbeatAckRequest", message: { messageId: message.messageId } }
      : {
        type: "AckRequest",
        message: {
          cluster: message.clusterArn,
          containerInstance: message.containerInstanceArn,
          messageId: message.messageId,
        },
      };
    socket.send(JSON.stringify(answer));
  };
  return new Promise((resolve) => socket.onopen = () => resolve());
}
