/**
 * The bare loop: `JSON.parse`, the answers, `JSON.stringify`, `send`, on the runtime's own WebSocket.
 *
 * @module
 */

/**
 * Answers every message as an agent does.
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
    const acknowledged = new Set<string>();
    for (const { roleCredentials: { credentialsId, expiration } } of message.tasks) {
      if (acknowledged.has(credentialsId)) continue;
      acknowledged.add(credentialsId);
      answer("IAMRoleCredentialsAckRequest", { messageId, expiration, credentialsId });
    }
  };
  return new Promise((resolve) => socket.onopen = () => resolve());
}
