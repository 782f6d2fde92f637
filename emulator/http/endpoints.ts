/**
 * The two endpoints of the service, ECS and ACS, on one server.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type Server as WsServer, WebSocketServer } from "ws";
import { AgentSocket } from "../acs/agent_socket.ts";
import type { ResolvedOptions } from "../emulator_options.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { answerApiRequest } from "./discover_poll_endpoint.ts";
import { requestedOperation } from "./requests.ts";
import type { EmulatorServer, ServerHandlers } from "./server.ts";
import { answerUpgrade } from "./upgrade.ts";

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

  /** Answers a call of the ECS API. */
  readonly request = (request: IncomingMessage, response: ServerResponse): void => {
    const service = this.#service;
    answerApiRequest(request, response, {
      takeFault: (arn) => service.faults.takeDiscover(arn),
      expectations: () => service.expectations,
      endpoint: (host) =>
        service.endpoint ?? this.#options.publicUrl?.href ?? this.#server.endpointFor(host),
      apiPath: this.#options.publicUrl?.pathname ?? "/",
      called: () => service.discoverCount++,
      discovered: (detail) => service.emit("discovered", detail),
      refused: (refusal) =>
        service.emit("refused", { request: requestedOperation(request), ...refusal }),
      reset: (socket) => this.#server.reset(socket),
    }).catch((error: unknown) => {
      // An agent that disconnected early needs no response.
      if (error !== request.errored) throw error;
    });
  };

  /** Answers an upgrade. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const service = this.#service;
    const reset = () => this.#server.reset(socket);
    void answerUpgrade(request, socket, {
      takeFault: (arn) => service.faults.takeUpgrade(arn),
      expectations: () => service.expectations,
      instances: service.instances,
      exceptionForm: this.#options.exceptionForm,
      refused: (refusal) => service.emit("refused", { request: "upgrade", ...refusal }),
      reset,
      admitted: (query) =>
        this.#webSocketServer.handleUpgrade(request, socket, head, (webSocket) => {
          service.hub.connect({
            webSocket,
            socket,
            query,
            reset,
            faults: service.faults.takeConnection(query.containerInstanceArn),
            faulted: ({ id, containerInstanceArn }, fault) =>
              service.emit("fault", { fault, containerInstanceArn, connectionId: id }),
          });
        }),
    });
  };

  /** Releases the WebSocket server. */
  close(): void {
    this.#webSocketServer.close();
  }
}
