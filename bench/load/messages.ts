/**
 * The messages that sessions are measured with, encoded as frames in advance. All values are made up.
 *
 * @module
 */

import { serverFrame } from "./frames.ts";

/** The kinds of message, by their names in the table of results. */
export type MessageKind =
  /** A payload of one task with two containers: 2.7 KB. */
  | "payload"
  /** A payload of twenty such tasks: 47 KB. */
  | "large-payload"
  /** A heartbeat: 90 bytes. */
  | "heartbeat";

const CLUSTER = "arn:aws:ecs:us-west-2:111122223333:cluster/default";
const INSTANCE =
  "arn:aws:ecs:us-west-2:111122223333:container-instance/default/0123456789abcdef0123456789abcdef";

/** A placeholder for the message's id, of the same length. */
const ID_PLACE = "message-id-message-id-message-id-000";

/** The id of the message with that number, 36 characters long. */
export function messageIdOf(number: number): string {
  return `f2a4c0d8-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** Encodes one message of a kind for each number, as consecutive frames. */
export function encodeMessages(kind: MessageKind, numbers: Iterable<number>): Buffer {
  const frame = serverFrame(Buffer.from(JSON.stringify(frameOf(kind))));
  const idStart = frame.indexOf(ID_PLACE);
  const ids = [...numbers];
  const frames = Buffer.alloc(frame.length * ids.length);
  for (const [index, number] of ids.entries()) {
    const start = index * frame.length;
    frame.copy(frames, start);
    frames.write(messageIdOf(number), start + idStart, "latin1");
  }
  return frames;
}

/** `count` numbers, starting at `first`. */
export function numbersFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function frameOf(kind: MessageKind): unknown {
  switch (kind) {
    case "heartbeat":
      return { type: "HeartbeatMessage", message: { messageId: ID_PLACE } };
    case "payload":
      return { type: "PayloadMessage", message: payload(1) };
    case "large-payload":
      return { type: "PayloadMessage", message: payload(20) };
  }
}

function payload(tasks: number): unknown {
  return {
    clusterArn: CLUSTER,
    containerInstanceArn: INSTANCE,
    generatedAt: 1_795_500_000_000,
    messageId: ID_PLACE,
    seqNum: 1,
    tasks: Array.from({ length: tasks }, (_, index) => task(index)),
  };
}

function task(index: number): unknown {
  const id = `fedcba9876543210fedcba98765432${String(index).padStart(2, "0")}`;
  return {
    arn: `arn:aws:ecs:us-west-2:111122223333:task/default/${id}`,
    taskClusterArn: CLUSTER,
    desiredStatus: "RUNNING",
    family: "web",
    version: "3",
    overrides: "{}",
    cpu: 0.5,
    memory: 512,
    networkMode: "bridge",
    volumes: [{ name: "data", type: "host", host: { sourcePath: "/data" } }],
    containers: [container("app", 8080), container("proxy", 443)],
  };
}

function container(name: string, containerPort: number): unknown {
  return {
    name,
    image: `111122223333.dkr.ecr.us-west-2.amazonaws.com/web/${name}:2026.11.24`,
    cpu: 256,
    memory: 256,
    essential: true,
    entryPoint: ["/usr/bin/env"],
    command: ["serve", "--port", String(containerPort)],
    environment: {
      AWS_REGION: "us-west-2",
      CONFIGURATION: "a setting of some length;".repeat(9),
      DATABASE_HOST: "database.internal.example.com",
      DATABASE_NAME: "orders",
      LOG_FORMAT: "json",
      LOG_LEVEL: "info",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4317",
      OTEL_SERVICE_NAME: name,
    },
    portMappings: [{ containerPort, hostPort: 0, protocol: "tcp" }],
    mountPoints: [{ sourceVolume: "data", containerPath: "/data", readOnly: false }],
    dockerConfig: {
      config: "{}",
      hostConfig: '{"LogConfig":{"Type":"awslogs","Config":{"awslogs-group":"/ecs/web"}}}',
      version: "1.17",
    },
    logsAuthStrategy: "EXECUTION_ROLE",
  };
}
