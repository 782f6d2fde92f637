/**
 * The messages of the Telemetry Communication Service (TCS), as agents send them. There is no
 * public SDK for it.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import { shapeCheck } from "../../protocol/find_problem.ts";
import type { StructureShape } from "../../protocol/shapes.ts";
import type { ValueOf } from "../api/api_operation.ts";

const metadata = {
  cluster: "string",
  containerInstance: "string",
  messageId: "string",
  requestId: "string",
  fin: "boolean",
  idle: "boolean",
} as const satisfies StructureShape;

const statistics = {
  min: "double",
  max: "double",
  sum: "double",
  sampleCount: "integer",
  overflowMin: "integer",
  overflowMax: "integer",
  overflowSum: "integer",
} as const satisfies StructureShape;

const networkStatistics = {
  rxBytes: statistics,
  rxBytesPerSecond: statistics,
  rxDropped: statistics,
  rxErrors: statistics,
  rxPackets: statistics,
  txBytes: statistics,
  txBytesPerSecond: statistics,
  txDropped: statistics,
  txErrors: statistics,
  txPackets: statistics,
} as const satisfies StructureShape;

const generalMetrics = {
  dimensions: [{ key: "string", value: "string" }],
  metricType: "string",
  generalMetrics: [{
    metricName: "string",
    metricValues: ["double"],
    metricCounts: ["integer"],
    metricValueDouble: "double",
    metricValueLong: "integer",
    metricValueStatsSet: statistics,
    unit: "string",
  }],
} as const satisfies StructureShape;

const task = {
  taskArn: "string",
  clusterArn: "string",
  taskDefinitionFamily: "string",
  taskDefinitionVersion: "string",
} as const satisfies StructureShape;

/** The shape of each message of an agent. */
export const TELEMETRY_SHAPES = {
  PublishMetricsRequest: {
    metadata,
    instanceMetrics: {
      storage: { rootFilesystem: "double", dataFilesystem: "double" },
      generalMetricsPayload: [generalMetrics],
    },
    taskMetrics: [{
      ...task,
      containerMetrics: [{
        containerArn: "string",
        containerName: "string",
        cpuStatsSet: statistics,
        memoryStatsSet: statistics,
        networkStatsSet: networkStatistics,
        storageStatsSet: { readSizeBytes: statistics, writeSizeBytes: statistics },
        restartStatsSet: { restartCount: "integer" },
        generalMetricsPayload: [generalMetrics],
      }],
      ephemeralStorageMetrics: { bytesUtilized: statistics },
      volumeMetrics: [{
        volumeId: "string",
        volumeName: "string",
        utilized: statistics,
        size: statistics,
      }],
      serviceConnectMetricsWrapper: [generalMetrics],
    }],
    timestamp: "double",
  },
  PublishHealthRequest: {
    metadata,
    tasks: [{
      ...task,
      containers: [{
        containerName: "string",
        healthStatus: "string",
        statusSince: "double",
        statusMessage: "string",
      }],
    }],
    timestamp: "double",
  },
  PublishInstanceStatusRequest: {
    metadata,
    statuses: [{
      type: "string",
      status: "string",
      statusReason: "string",
      lastUpdated: "double",
      lastStatusChange: "double",
    }],
    timestamp: "double",
  },
} as const satisfies Record<TelemetryType, StructureShape>;

/** The type of an agent's message. */
export type TelemetryType =
  | "PublishMetricsRequest"
  | "PublishHealthRequest"
  | "PublishInstanceStatusRequest";

/** The acknowledgement of each message. */
export const TELEMETRY_ACKS: Readonly<Record<TelemetryType, string>> = {
  PublishMetricsRequest: "AckPublishMetric",
  PublishHealthRequest: "AckPublishHealth",
  PublishInstanceStatusRequest: "AckPublishInstanceStatus",
};

/** An agent's message. Any field may be null. */
export type TelemetryMessage = {
  readonly [T in TelemetryType]: {
    readonly type: T;
    readonly message: Nullable<ValueOf<(typeof TELEMETRY_SHAPES)[T]>>;
  };
}[TelemetryType];

/** A value of which any part may be null. */
export type Nullable<V> = V extends readonly (infer E)[] ? readonly (Nullable<E> | null)[]
  : V extends object ? { readonly [F in keyof V]: Nullable<V[F]> | null }
  : V;

type Check = (value: unknown) => string | undefined;

/** Created when the first message arrives, so that the emulator starts without them. */
const checks = new Map<TelemetryType, Check>();

/**
 * Decodes an agent's message.
 *
 * @param text The JSON.
 * @returns The message, or what is wrong with it, without any of its contents.
 */
export function decodeTelemetry(text: string): TelemetryMessage | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return "the message is not JSON";
  }
  if (!isJsonObject(parsed)) return "the message is not a JSON object";
  const { type, message } = parsed;
  if (typeof type !== "string" || !Object.hasOwn(TELEMETRY_SHAPES, type)) {
    return `the type is not one of ${Object.keys(TELEMETRY_SHAPES).join(", ")}`;
  }
  if (!isJsonObject(message)) return `${type} has no message`;
  const candidate: unknown = { type, message };
  if (isTelemetry(candidate)) return candidate;
  return `${type}: a field has the wrong type`;
}

function isTelemetry(value: unknown): value is TelemetryMessage {
  if (!isJsonObject(value)) return false;
  const type = telemetryType(value.type);
  return type !== undefined && checkFor(type)(value.message) === undefined;
}

function telemetryType(value: unknown): TelemetryType | undefined {
  switch (value) {
    case "PublishMetricsRequest":
    case "PublishHealthRequest":
    case "PublishInstanceStatusRequest":
      return value;
  }
  return undefined;
}

function checkFor(type: TelemetryType): Check {
  const known = checks.get(type);
  if (known !== undefined) return known;
  const check = shapeCheck(TELEMETRY_SHAPES[type]);
  checks.set(type, check);
  return check;
}
