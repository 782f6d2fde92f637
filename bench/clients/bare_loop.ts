/**
 * The bare loop: `JSON.parse`, an answer, `JSON.stringify`, `send`, on the runtime's own WebSocket.
 *
 * @module
 */

/**
 * Answers every message.
 *
 * @returns Resolves when the socket is open.
 */
export function answerAll(socket: WebSocket): Promise<void> {
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
