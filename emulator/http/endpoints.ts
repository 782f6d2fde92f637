/**
 * The endpoints of the service, ECS, ACS and TCS, on one server.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type Server as WsServer, WebSocketServer } from "ws";
import { oneLine } from "../../internal/one_line.ts";
import { AgentSocket } from "../acs/agent_socket.ts";
import type { EmulatorConnection } from "../acs/emulator_connection.ts";
import type { AgentEndpoints } from "../api/api_operation.ts";
import type { ResolvedOptions } from "../resolve_options.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { answerApiRequest } from "./api_request.ts";
import { sentRequest } from "./refused_request.ts";
import { requestedOperation, splitTarget } from "./requests.ts";
import type { ConnectionFault } from "../faults/connection_fault.ts";
import { parseTelemetryQuery } from "../tcs/telemetry_query.ts";
import type { EmulatorServer, ServerHandlers } from "./server.ts";
import { answerUpgrade } from "./upgrade.ts";
import { parseUpgradeQuery } from "./upgrade_query.ts";

/** The path of the telemetry endpoint below the emulator's URL; agents append `ws`. */
const TELEMETRY_PATH = "telemetry";

/** Maximum length of the ARN in a `refused` event, in characters: IAM's limit for ARNs. */
const MAX_ARN_LENGTH = 2_048;

/** The parts of the endpoints. */
export interface EndpointsOptions {
  /** The server they are on. */
  readonly server: EmulatorServer;
  /** The service behind them. */
  readonly service: EmulatorService;
  /** The emulator's options. */
  readonly options: ResolvedOptions;
}

/** Passes requests to the service. */
export class Endpoints implements ServerHandlers {
  readonly #server: EmulatorServer;
  readonly #service: EmulatorService;
  readonly #options: ResolvedOptions;
  readonly #webSocketServer: WsServer<typeof AgentSocket>;

  /**
   * @param parts Their parts.
   */
  constructor({ server, service, options }: EndpointsOptions) {
    this.#server = server;
    this.#service = service;
    this.#options = options;
    this.#webSocketServer = new WebSocketServer({
      noServer: true,
      WebSocket: AgentSocket,
      maxPayload: options.maxFrameBytes,
    });
    this.#webSocketServer.on("headers", (headers: string[]) => {
      headers.push(`Date: ${new Date(service.now()).toUTCString()}`);
    });
  }

  /** Answers a call to the ECS API. */
  readonly request = (request: IncomingMessage, response: ServerResponse): void => {
    const service = this.#service;
    answerApiRequest(request, response, {
      takeFault: (operation, input) => service.takeApiFault(operation, input),
      expectations: () => service.expectations,
      endpoints: (host) => this.#endpointsFor(host),
      apiPath: this.#options.publicUrl?.pathname ?? "/",
      called: (operation) => {
        if (operation === "DiscoverPollEndpoint") service.discoverCount++;
      },
      answer: (operation, input, endpoints) => service.callApi(operation, input, endpoints),
      refused: (refusal) =>
        service.emit("refused", {
          request: requestedOperation(request),
          sent: sentRequest(request),
          containerInstanceArn: "",
          ...refusal,
        }),
      reset: (socket) => this.#server.reset(socket),
    }).catch((error: unknown) => {
      // An agent that disconnected early needs no response.
      if (error !== request.errored) throw error;
    });
  };

  /** Answers an upgrade. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const service = this.#service;
    const isTelemetry = splitTarget(request).path.endsWith(`/${TELEMETRY_PATH}/ws`);
    const of = isTelemetry ? "tcs" : "acs";
    const reset = () => this.#server.reset(socket);
    const instanceParameter = isTelemetry ? "containerInstance" : "containerInstanceArn";
    const query = new URLSearchParams(splitTarget(request).query);
    void answerUpgrade(request, socket, {
      takeFault: (arn) => service.faults.takeUpgrade(of, arn),
      expectations: () => service.expectations,
      instances: service.instances,
      instanceParameter,
      parseQuery: isTelemetry ? parseTelemetryQuery : parseUpgradeQuery,
      exceptionForm: this.#options.exceptionForm,
      refused: (refusal) =>
        service.emit("refused", {
          request: isTelemetry ? "telemetry upgrade" : "upgrade",
          sent: sentRequest(request),
          containerInstanceArn: oneLine(query.get(instanceParameter) ?? "", MAX_ARN_LENGTH),
          ...refusal,
        }),
      reset,
      admitted: (query) =>
        this.#webSocketServer.handleUpgrade(request, socket, head, (webSocket) => {
          const parts = {
            webSocket,
            socket,
            query,
            reset,
            faults: service.faults.takeConnection(of, query.containerInstanceArn),
            faulted: ({ id, containerInstanceArn }: EmulatorConnection, fault: ConnectionFault) =>
              service.emit("fault", { fault, containerInstanceArn, connectionId: id }),
          };
          if (isTelemetry) service.telemetry.connect(parts, request.url ?? "");
          else service.hub.connect(parts);
        }),
    });
  };

  #endpointsFor(host: string | undefined): AgentEndpoints {
    const own = this.#options.publicUrl?.href ?? this.#server.endpointFor(host);
    return {
      endpoint: this.#service.endpointAt(own),
      telemetryEndpoint: `${own.replace(/\/$/, "")}/${TELEMETRY_PATH}`,
    };
  }

  /** Releases the WebSocket server. */
  close(): void {
    this.#webSocketServer.close();
  }
}
