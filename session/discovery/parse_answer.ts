/**
 * Reads ECS's answer to DiscoverPollEndpoint.
 *
 * @module
 */

import { parseJsonObject } from "../../internal/json.ts";
import type { DiscoverPollEndpointOutput } from "../../protocol/discover_poll_endpoint.ts";
import { parseEndpoint } from "../../wsclient/acs_url.ts";
import {
  type DiscoverPollEndpointAnswer,
  DiscoverPollEndpointError,
} from "./discover_poll_endpoint_error.ts";

/**
 * Reads an answer with status 200.
 *
 * @throws {DiscoverPollEndpointError} If it is not a JSON object with an endpoint.
 * @throws {InvalidEndpointError} If the endpoint is not an `http:` or `https:` URL.
 */
export function parseAnswer(
  text: string,
  from: DiscoverPollEndpointAnswer,
): DiscoverPollEndpointOutput {
  const { host } = from;
  const answer = parseJsonObject(text);
  if (answer === undefined) {
    const type = from.contentType === "text/html" ? " but an HTML page" : "";
    throw new DiscoverPollEndpointError(
      "not-json",
      `${host} answered DiscoverPollEndpoint with something other than a JSON object${type}`,
      from,
    );
  }
  const { endpoint, telemetryEndpoint, serviceConnectEndpoint, systemLogsEndpoint } = answer;
  if (typeof endpoint !== "string" || endpoint === "") {
    throw new DiscoverPollEndpointError(
      "no-endpoint",
      `${host} answered DiscoverPollEndpoint without an endpoint`,
      from,
    );
  }
  return {
    endpoint: plainUrl(parseEndpoint(endpoint)),
    ...plainUrls({ telemetryEndpoint, serviceConnectEndpoint, systemLogsEndpoint }),
  };
}

/**
 * A URL as the parser writes it, which has no character that a terminal interprets, and without
 * user name, password, query and fragment: it goes into logs and events, and the query is the
 * session's own.
 */
function plainUrl(url: URL): string {
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href;
}

/** Keeps the fields that are valid URLs. */
function plainUrls<F extends string>(fields: Readonly<Record<F, unknown>>): { [N in F]?: string } {
  const urls: { [N in F]?: string } = {};
  for (const name in fields) {
    const given = fields[name];
    if (typeof given === "string" && URL.canParse(given)) {
      urls[name] = plainUrl(new URL(given));
    }
  }
  return urls;
}
