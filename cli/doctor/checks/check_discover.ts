import { ConnectError } from "../../../errors.ts";
import { discoverPollEndpoint } from "../../../session/discovery/discover_poll_endpoint.ts";
import { serviceClockSkew } from "../../../wsclient/service_exception.ts";
import { ClockSkew, clockSkewOf, parseDateHeader } from "../../../wsclient/signing/clock_skew.ts";
import { CredentialSource } from "../../../wsclient/signing/credential_source.ts";
import { type CheckContext, type CheckOutcome, failed, passed } from "../check.ts";

/** Calls DiscoverPollEndpoint with the keys; a wrong clock is corrected for a second call. */
export async function checkDiscover(
  { configuration, facts, timeoutMs }: CheckContext,
): Promise<CheckOutcome> {
  const { credentials } = facts;
  if (credentials === undefined) throw new Error("there are no credentials to sign with");
  const clockSkew = new ClockSkew();
  let clockSkewMs: number | undefined;
  const call = () =>
    discoverPollEndpoint({
      ecsEndpoint: configuration.ecsUrl.value,
      region: configuration.region.value,
      cluster: configuration.cluster.value,
      containerInstanceArn: configuration.containerInstanceArn.value,
      zoneId: "",
      allowInsecureEndpoint: configuration.allowInsecureEndpoint,
      credentials: new CredentialSource(credentials),
      credentialsTimeoutMs: timeoutMs,
      discoverTimeoutMs: timeoutMs,
      clockSkew,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        clockSkewMs = clockSkewOf(parseDateHeader(response.headers.get("date")));
        return response;
      },
    });
  try {
    const { endpoint } = await call().catch((error) => {
      if (!clockSkew.observe(serviceClockSkew(error))) throw error;
      return call();
    });
    const facts = { acsUrl: endpoint, ...(clockSkewMs !== undefined && { clockSkewMs }) };
    return passed(`ACS is at ${new URL(endpoint).host}`, facts);
  } catch (error) {
    const serviceSkewMs = serviceClockSkew(error);
    return {
      ...failed(afterHandshake(error)),
      ...(serviceSkewMs !== undefined && { facts: { clockSkewMs: serviceSkewMs } }),
    };
  }
}

/** An earlier check has connected already, so a timeout means that the response took too long. */
function afterHandshake(error: unknown): unknown {
  if (!(error instanceof ConnectError) || error.systemCode !== "ETIMEDOUT") return error;
  const { message, host, systemCode, proxy, cause } = error;
  return new ConnectError(message, { host, systemCode, phase: "upgrade", proxy, cause });
}
