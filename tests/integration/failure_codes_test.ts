/**
 * A session and an emulator that refuses it: each refusal has its code.
 */

import assert from "node:assert/strict";
import { AcsEmulator } from "../../emulator/acs_emulator.ts";
import type { EmulatorOptions } from "../../emulator/emulator_options.ts";
import { EXAMPLE_CREDENTIALS } from "../../emulator/emulator_credentials.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN, samplePayload } from "../../emulator/samples/samples.ts";
import { AcsError } from "../../errors.ts";
import type { FailureHelp } from "../../failures/failure_help.ts";
import type { SessionOptions } from "../../session/options.ts";
import type { SessionEventMap } from "../../session/reporting/events.ts";
import { Session } from "../../session/session.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { test } from "../testing/test.ts";

/** Starts sessions, and stops them with the emulator. */
async function withEmulator(
  options: EmulatorOptions,
  fn: (
    emulator: AcsEmulator,
    start: (options: Partial<SessionOptions>) => Session,
  ) => Promise<void>,
): Promise<void> {
  const emulator = await AcsEmulator.listen(options);
  const sessions: { session: Session; running: Promise<void> }[] = [];
  try {
    await fn(emulator, (changes) => {
      const session = new Session({
        region: "us-west-2",
        containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
        credentials: EXAMPLE_CREDENTIALS,
        agentVersion: "1.0.0",
        endpoint: emulator.url,
        ...changes,
      });
      sessions.push({ session, running: session.start() });
      return session;
    });
  } finally {
    await Promise.all(sessions.map(({ session }) => session.stop()));
    await Promise.all(sessions.map(({ running }) => running));
    await emulator.close();
  }
}

function next<K extends keyof SessionEventMap>(
  session: Session,
  type: K,
): Promise<SessionEventMap[K]> {
  return new Promise((resolve) =>
    session.addEventListener(type, ({ detail }) => resolve(detail), { once: true })
  );
}

function helpOf(error: Error): FailureHelp | undefined {
  return error instanceof AcsError ? error.help : undefined;
}

/** A refusal: how session and emulator differ from the defaults, and what the session reports. */
interface Refusal {
  readonly what: string;
  readonly session?: Partial<SessionOptions>;
  readonly emulator?: EmulatorOptions;
  readonly refuse?: (emulator: AcsEmulator) => void;
  readonly code: string;
  readonly fix: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: "An unknown access key",
    session: { credentials: { ...EXAMPLE_CREDENTIALS, accessKeyId: "AKIDUNKNOWN" } },
    code: "ACS-A01",
    fix: /Use a current access key/,
  },
  {
    what: "A wrong secret key",
    session: { credentials: { ...EXAMPLE_CREDENTIALS, secretAccessKey: "wrong" } },
    code: "ACS-A02",
    fix: /secret access key that belongs/,
  },
  {
    what: "A signature for another region",
    emulator: { region: "eu-west-1" },
    code: "ACS-A08",
    fix: /region and the endpoint agree/,
  },
  {
    what: "A clock that is an hour behind",
    emulator: { clockSkewMs: 3_600_000 },
    code: "ACS-K01",
    fix: /Set the clock/,
  },
  {
    what: "A cluster that does not exist, although none was set,",
    session: {
      containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/0123456789",
    },
    emulator: { clusterArn: "arn:aws:ecs:us-west-2:123456789012:cluster/prod" },
    code: "ACS-A05",
    fix: /"default" is what is sent if none is set/,
  },
  {
    what: "A container instance that does not exist",
    emulator: {
      containerInstances: ["arn:aws:ecs:us-west-2:123456789012:container-instance/default/other"],
    },
    code: "ACS-A06",
    fix: /Use the ARN that RegisterContainerInstance returned/,
  },
  {
    what: "A session token that has expired",
    refuse: (emulator) =>
      emulator.refuseNextDiscover({ status: 400, exception: "ExpiredTokenException" }),
    code: "ACS-A03",
    fix: /Renew the credentials/,
  },
  {
    what: "A role without the permission",
    refuse: (emulator) =>
      emulator.refuseNextDiscover({ status: 400, exception: "AccessDeniedException" }),
    code: "ACS-A04",
    fix: /Allow ecs:DiscoverPollEndpoint and ecs:Poll/,
  },
  {
    what: "Throttling",
    refuse: (emulator) =>
      emulator.refuseNextDiscover({ status: 400, exception: "ThrottlingException" }),
    code: "ACS-A09",
    fix: /Wait/,
  },
  {
    what: "An error from the service",
    refuse: (emulator) => emulator.refuseNextDiscover(),
    code: "ACS-A10",
    fix: /Wait/,
  },
  {
    what: "A deregistered container instance",
    refuse: (emulator) =>
      emulator.refuseNextUpgrade({ status: 400, exception: "InactiveInstanceException", next: 2 }),
    code: "ACS-A07",
    fix: /Register the instance again/,
  },
  {
    what: "A login page instead of ECS",
    refuse: (emulator) => emulator.refuseNextDiscover({ status: 200, body: "<html>Log in</html>" }),
    code: "ACS-P05",
    fix: /see who answers/,
  },
  {
    what: "A login page instead of ACS",
    refuse: (emulator) =>
      emulator.refuseNextUpgrade({ status: 403, body: "<html>Log in</html>", next: 2 }),
    code: "ACS-P05",
    fix: /see who answers/,
  },
];

for (const { what, session, emulator = {}, refuse, code, fix } of REFUSALS) {
  test(`${what} is reported as ${code}, with a remedy`, () =>
    withCapturedLog((log) =>
      withEmulator(emulator, async (running, start) => {
        refuse?.(running);
        const { error } = await next(start(session ?? {}), "connectfailed");
        const help = helpOf(error);
        assert.equal(help?.code, code, error.message);
        assert.match(help.fix, fix);
        assert.ok(log.text().includes(`What to do (${code}): ${help.fix}`), log.text());
      })
    ));
}

test("Of two agents with one container instance, the one that is replaced logs ACS-S01", () =>
  withCapturedLog((log) =>
    withEmulator({}, async (_emulator, start) => {
      const first = start({});
      await next(first, "connected");
      const replaced = next(first, "disconnected");
      start({});
      await replaced;
      assert.match(log.text(), /ConnectionReplaced.*What to do \(ACS-S01\): Stop the other agent/);
    })
  ));

test("A handler that throws is logged as ACS-S04", () =>
  withCapturedLog((log) =>
    withEmulator({}, async (emulator, start) => {
      const session = start({
        payloadMessageHandler: { processMessage: () => Promise.reject(new Error("no disk")) },
      });
      await next(session, "connected");
      const dropped = next(session, "dropped");
      const { acked } = emulator.sendPayload(samplePayload(1, 1));
      acked.catch(() => {});
      await dropped;
      assert.match(log.text(), /no disk.*What to do \(ACS-S04\): Fix the handler/);
    })
  ));
