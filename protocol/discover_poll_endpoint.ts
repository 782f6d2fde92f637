/**
 * ECS API's DiscoverPollEndpoint on the wire: its target, its request and its answer.
 *
 * @module
 */

/** The prefix of the operations of the ECS API in the header `X-Amz-Target`. */
export const ECS_TARGET_PREFIX = "AmazonEC2ContainerServiceV20141113.";

/** The body of a request, as JSON. */
export interface DiscoverPollEndpointRequest {
  /** The container instance's ARN. */
  readonly containerInstance: string;
  /** The cluster's name or ARN. */
  readonly cluster: string;
  /** The id of the Availability Zone, or an empty string. */
  readonly zoneId: string;
}

/** The answer of ECS. */
export interface DiscoverPollEndpointOutput {
  /** Where to open the session, an `http:` or `https:` URL. */
  readonly endpoint: string;
  /** Where to send metrics. A URL with any scheme: the session itself does not use it. */
  readonly telemetryEndpoint?: string;
  /** Where Service Connect finds its configuration. A URL with any scheme. */
  readonly serviceConnectEndpoint?: string;
  /** Where to send system logs; only if a `zoneId` was sent. A URL with any scheme. */
  readonly systemLogsEndpoint?: string;
}
