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
    const { messageId } = message;
    const answer = (type: string, message: object) =>
      socket.send(JSON.stringify({ type, message }));
    if (type === "HeartbeatMessage") return answer("HeartbeatAckRequest", { messageId });
    const { clusterArn: cluster, containerInstanceArn: containerInstance } = message;
    answer("AckRequest", { cluster, containerInstance, messageId });
  };
  return new Promise((resolve) => socket.onopen = () => resolve());
}
