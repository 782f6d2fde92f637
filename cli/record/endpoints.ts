/**
 * Replaces the endpoints that the service returns to agents by the recorder's own.
 *
 * @module
 */

/** The service behind an endpoint. */
export type EndpointKind = "acs" | "tcs";

/** An endpoint of the service. */
export interface UpstreamEndpoint {
  /** The service behind it. */
  readonly kind: EndpointKind;
  /** Its URL. */
  readonly url: string;
}

/** The recorder's endpoints. Each has a path that identifies an endpoint of the service. */
export class RecordedEndpoints {
  readonly #withTelemetry: boolean;
  readonly #endpoints: UpstreamEndpoint[] = [];

  /** @param withTelemetry Whether telemetry passes through the recorder. */
  constructor(withTelemetry: boolean) {
    this.#withTelemetry = withTelemetry;
  }

  /**
   * Replaces the endpoints in a DiscoverPollEndpoint response by the recorder's own.
   *
   * @param answer The service's response.
   * @param origin The recorder's URL without a path, under the host name that the agent used.
   * @returns The response for the agent.
   */
  replaceIn(answer: Readonly<Record<string, unknown>>, origin: string): object {
    const own = (kind: EndpointKind, url: unknown) =>
      typeof url === "string" && URL.canParse(url)
        ? `${origin}${this.#pathOf({ kind, url })}`
        : url;
    return {
      ...answer,
      ...("endpoint" in answer && { endpoint: own("acs", answer.endpoint) }),
      ...(this.#withTelemetry && "telemetryEndpoint" in answer &&
        { telemetryEndpoint: own("tcs", answer.telemetryEndpoint) }),
    };
  }

  /**
   * Finds the endpoint for an upgrade.
   *
   * @param path The path of the agent's request.
   * @param query Its query.
   * @returns The endpoint, and the URL to request the upgrade from.
   */
  find(path: string, query: string): (UpstreamEndpoint & { readonly upgrade: URL }) | undefined {
    const [, number = "", rest = ""] = /^\/endpoint\/(\d{1,9})\/(.*)$/.exec(path) ?? [];
    const endpoint = number === "" ? undefined : this.#endpoints[Number(number) - 1];
    if (endpoint === undefined) return undefined;
    const upgrade = new URL(endpoint.url);
    upgrade.protocol = upgrade.protocol.replace(/^ws/, "http");
    upgrade.pathname = `${upgrade.pathname.replace(/\/$/, "")}/${rest}`;
    upgrade.search = query;
    return { ...endpoint, upgrade };
  }

  #pathOf(endpoint: UpstreamEndpoint): string {
    const known = this.#endpoints.findIndex(({ kind, url }) =>
      kind === endpoint.kind && url === endpoint.url
    );
    const index = known === -1 ? this.#endpoints.push(endpoint) - 1 : known;
    return `/endpoint/${index + 1}/`;
  }
}
