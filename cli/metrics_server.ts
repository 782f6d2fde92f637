/**
 * The HTTP endpoints of `acs run --metrics-port`: `/metrics` for Prometheus, `/healthz` and `/readyz`
 * for probes.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isLoopback } from "../emulator/control/control_access.ts";
import { printableJson } from "../internal/printable_json.ts";
import type { SessionMeterProvider } from "../session/reporting/meter_provider.ts";
import type { SessionHealth } from "../session/state.ts";
import { CommandFailure, EXIT_USAGE } from "./exit.ts";
import { listenFailure } from "./listen_failure.ts";
import { importOptional, type OptionalPackage } from "./optional_package.ts";

/** The endpoints while they are served. */
export interface MetricsServer {
  /** Their URL, without a slash at the end. */
  readonly url: string;
  /** Where the session's metrics go: nothing else in the process uses it. */
  readonly meterProvider: SessionMeterProvider;
  /** Stops serving. */
  close(): Promise<void>;
}

/** Options of the metrics server. */
export interface MetricsServerOptions {
  /** The port; 0 for a free one. */
  readonly port: number;
  /** The address. */
  readonly hostname: string;
  /** The session's health; `undefined` before there is a session. */
  readonly health: () => SessionHealth | undefined;
}

const EXPORTER = "@opentelemetry/exporter-prometheus";
const SDK = "@opentelemetry/sdk-metrics";

/** The part of the exporter that is used here. */
interface PrometheusExporter {
  getMetricsRequestHandler(request: IncomingMessage, response: ServerResponse): void;
}

/** The part of the SDK's provider that is used here. */
interface SdkMeterProvider extends SessionMeterProvider {
  shutdown(): Promise<void>;
}

/**
 * Starts serving.
 *
 * @param options What to serve, and where.
 * @throws {CommandFailure} If the exporter is not installed or the port cannot be used.
 */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const { exporter, meterProvider } = await createExporter();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (request.method !== "GET" && request.method !== "HEAD") {
      return respond(response, 405, { error: "only GET is allowed" });
    }
    switch (pathname) {
      case "/metrics":
        return exporter.getMetricsRequestHandler(request, response);
      case "/healthz":
        return respond(response, 200, { status: "ok" });
      case "/readyz":
        return respondReadiness(response, options.health());
      default:
        return respond(response, 404, { error: "there are /metrics, /healthz and /readyz" });
    }
  });
  const { port, hostname } = options;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const address = {
        port,
        hostname,
        portFlag: "--metrics-port",
        hostnameFlag: "--metrics-host",
      };
      reject(new CommandFailure(listenFailure(error, address), EXIT_USAGE));
    });
    server.listen({ port, host: hostname }, resolve);
  });
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : port;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${isLoopback(hostname) ? host : hostname}:${listening}`,
    meterProvider,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await meterProvider.shutdown();
    },
  };
}

function respondReadiness(response: ServerResponse, health: SessionHealth | undefined): void {
  const { ready, problems, reasons, state } = health ??
    { ready: false, problems: ["starting"], reasons: [], state: { status: "idle" } };
  respond(response, ready ? 200 : 503, { ready, problems, reasons, state });
}

function respond(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(`${printableJson(content)}\n`);
}

async function createExporter(): Promise<{
  readonly exporter: PrometheusExporter;
  readonly meterProvider: SdkMeterProvider;
}> {
  const exporterModule = await load({ name: EXPORTER, versions: ">=0.200.0" });
  const sdkModule = await load({ name: SDK, versions: ">=2.0.0" });
  const exporter = construct(exporterModule, "PrometheusExporter", { preventServerStart: true });
  const meterProvider = construct(sdkModule, "MeterProvider", { readers: [exporter] });
  if (!isExporter(exporter) || !isProvider(meterProvider)) {
    throw new Error(`${EXPORTER} and ${SDK} are of unknown versions: install the newest of both`);
  }
  return { exporter, meterProvider };
}

async function load(wanted: Pick<OptionalPackage, "name" | "versions">): Promise<unknown> {
  const install = `${EXPORTER} ${SDK}`;
  return await importOptional({ ...wanted, neededFor: "--metrics-port", install });
}

function construct(module: unknown, name: string, options: object): unknown {
  const members: object = Object(module);
  // A CommonJS package has its exports in `default`, too.
  const found: unknown = Reflect.get(members, name) ??
    Reflect.get(Object(Reflect.get(members, "default")), name);
  return typeof found === "function" ? Reflect.construct(found, [options]) : undefined;
}

function isExporter(value: unknown): value is PrometheusExporter {
  return typeof value === "object" && value !== null && "getMetricsRequestHandler" in value &&
    typeof value.getMetricsRequestHandler === "function";
}

function isProvider(value: unknown): value is SdkMeterProvider {
  return typeof value === "object" && value !== null && "getMeter" in value &&
    "shutdown" in value && typeof value.shutdown === "function";
}
