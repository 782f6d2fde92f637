import { helpFor } from "../../../failures/failure_help.ts";
import { Session } from "../../../session/session.ts";
import { type CheckContext, type CheckOutcome, failed, outcomeOf, passed } from "../check.ts";
import { formatDuration } from "../../duration.ts";
import { endHelp } from "../../../session/reporting/event_help.ts";

/** Time limit for the first message, in ms: longer than the interval between two heartbeats. */
const FIRST_MESSAGE_MS = 75_000;

/**
 * Runs a session until the first message. It acknowledges nothing, so that the service resends
 * everything; the connection displaces that of an agent with the same container instance.
 *
 * @param version The agent's version to report.
 * @param withinMs Time limit for the first message, in ms.
 */
export async function checkSession(
  { configuration, facts }: CheckContext,
  version: string,
  withinMs: number = FIRST_MESSAGE_MS,
): Promise<CheckOutcome> {
  const { credentials } = facts;
  if (credentials === undefined) throw new Error("there are no credentials to sign with");
  const { region, cluster, containerInstanceArn, ecsUrl, allowInsecureEndpoint } = configuration;
  const session = new Session({
    region: region.value,
    cluster: cluster.value,
    containerInstanceArn: containerInstanceArn.value,
    endpoint: ecsUrl.value,
    allowInsecureEndpoint,
    credentials,
    agentVersion: version,
  });
  const start = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const outcome = new Promise<CheckOutcome>((resolve) => {
    session.addEventListener("received", ({ detail: { type } }) => {
      const took = formatDuration(performance.now() - start);
      resolve(passed(`connected, ${type} after ${took}`));
    });
    session.addEventListener("connectfailed", ({ detail: { error } }) => resolve(failed(error)));
    session.addEventListener("disconnected", ({ detail: { end, reason } }) => {
      const detail = `connected, but ${reason}`;
      resolve(outcomeOf("failed", endHelp(end) ?? helpFor("ACS-S05"), detail));
    });
    timer = setTimeout(() => {
      const detail = `connected, but no message within ${formatDuration(withinMs)}`;
      resolve(outcomeOf("failed", helpFor("ACS-S02"), detail));
    }, withinMs);
  });
  const running = session.start();
  try {
    return await outcome;
  } finally {
    clearTimeout(timer);
    await session.stop();
    await running;
  }
}
