/**
 * The URL of the upgrade.
 *
 * @module
 */

import { AcsError } from "../errors.ts";

/**
 * The protocol version that this module speaks: the service closes the connection if heartbeat acks
 * are missing (the reference's `acsProtocolVersion`).
 */
const ACS_PROTOCOL_VERSION = 2;

/** The runtime name that is sent unchanged, without `DockerVersion: ` before it. */
export const CONTAINERD = "containerd";

/** The parameters in the query. */
export interface AcsUrlParameters {
  /** The agent's commit hash. */
  readonly agentHash: string;
  /** The agent's version. */
  readonly agentVersion: string;
  /** The configured cluster name or ARN, unchanged. */
  readonly cluster: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** Docker's version, or `"containerd"`; left out of the query if empty. */
  readonly dockerVersion: string;
  /** Whether the service should send the credentials of all tasks once connected. */
  readonly sendCredentials: boolean;
}

/** The service returned an endpoint that is not an `http:` or `https:` URL, or must not be used. */
export class InvalidEndpointError extends AcsError {
  /** Always `"InvalidEndpointError"`. */
  override readonly name = "InvalidEndpointError";
  /** Whether it is not such a URL, or is one without TLS to which credentials must not be sent. */
  readonly kind: "not-http" | "insecure";

  /**
   * Creates the error.
   *
   * @param kind What is wrong with the endpoint.
   * @param message The same as text.
   */
  constructor(kind: "not-http" | "insecure", message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Builds the upgrade's URL: the endpoint's `ws` below its path, keys sorted, form-encoded.
 *
 * @param endpoint The endpoint returned by DiscoverPollEndpoint.
 * @param parameters The parameters of the query.
 * @returns A `ws:` or `wss:` URL.
 * @throws {InvalidEndpointError} If the endpoint has a scheme other than `http:` or `https:`.
 */
export function acsUrl(endpoint: string, parameters: AcsUrlParameters): string {
  const url = parseEndpoint(endpoint);
  const query = new URLSearchParams({
    agentHash: parameters.agentHash,
    agentVersion: parameters.agentVersion,
    clusterArn: parameters.cluster,
    containerInstanceArn: parameters.containerInstanceArn,
    ...(parameters.dockerVersion === ""
      ? {}
      : { dockerVersion: formatDockerVersion(parameters.dockerVersion) }),
    protocolVersion: String(ACS_PROTOCOL_VERSION),
    sendCredentials: String(parameters.sendCredentials),
    seqNum: "1",
  });
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.pathname += url.pathname.endsWith("/") ? "ws" : "/ws";
  url.search = formEncode(query);
  url.hash = "";
  url.username = "";
  url.password = "";
  return url.href;
}

/** The cluster that is sent in an upgrade's URL. */
export function clusterOf(url: string): string | undefined {
  return new URL(url).searchParams.get("clusterArn") ?? undefined;
}

/**
 * Encodes as the reference does: it escapes `*` and leaves `~`, where `URLSearchParams` does the
 * reverse.
 */
function formEncode(query: URLSearchParams): string {
  return query.toString().replaceAll("*", "%2A").replaceAll("%7E", "~");
}

/**
 * Parses an endpoint returned by DiscoverPollEndpoint.
 *
 * @throws {InvalidEndpointError} If it has a scheme other than `http:` or `https:`.
 */
export function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  const what = url === undefined
    ? "that is not a URL"
    : `with the scheme ${url.protocol.slice(0, 32)}`;
  throw new InvalidEndpointError(
    "not-http",
    `DiscoverPollEndpoint returned an endpoint ${what}; expected http: or https:`,
  );
}

function formatDockerVersion(dockerVersion: string): string {
  return dockerVersion === CONTAINERD ? dockerVersion : `DockerVersion: ${dockerVersion}`;
}
