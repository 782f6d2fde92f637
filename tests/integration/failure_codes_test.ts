/**
 * Produces each failure of the catalogue with an emulator that refuses requests, peers on raw
 * sockets, certificates, proxies, and processes without permissions. A code without an entry is a
 * compile error.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { reportSession } from "../../cli/session_report.ts";
import { AcsEmulator } from "../../emulator/acs_emulator.ts";
import { EXAMPLE_CREDENTIALS } from "../../emulator/emulator_credentials.ts";
import type { EmulatorOptions } from "../../emulator/emulator_options.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN, samplePayload } from "../../emulator/samples/samples.ts";
import { FAILURE_CODES } from "../../failures/catalogue.ts";
import type { FailureCode } from "../../failures/failure_code.ts";
import type { FailureHelp } from "../../failures/failure_help.ts";
import type { SessionOptions } from "../../session/options.ts";
import type { SessionEventMap } from "../../session/reporting/events.ts";
import { Session } from "../../session/session.ts";
import type { Behavior } from "../fault/matrix/broken_service.ts";
import { type FaultScene, type Row, withBrokenService } from "../fault/matrix/fault_row.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { until } from "../testing/fakes/fake_time.ts";
import { closedPort, SSO_CONFIG, withFile } from "../testing/failures/missing_credentials.ts";
import { firstFailure, USES_PROXY, withProxy } from "../testing/failures/proxied_session.ts";
import { DEV_CONFIG, startProgram } from "../testing/programs/acs_command.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { test } from "../testing/test.ts";

const LOOKS_FOR_CREDENTIALS = fileURLToPath(
  new URL("../testing/programs/missing_credentials.ts", import.meta.url),
);
const FAILING_SESSION = fileURLToPath(
  new URL("../testing/programs/failing_session.ts", import.meta.url),
);

/** How a failure is reported. */
type Reported = Pick<FailureHelp, "code" | "cause" | "fix"> | undefined;

/** How a failure is produced. */
interface Scene {
  readonly what: string;
  /** Produces it. */
  readonly produce: () => Promise<Reported>;
  /** The remedy. */
  readonly fix: RegExp;
  /** The only runtime on which it can occur. Default: both. */
  readonly only?: "Deno" | "Node";
}

/** The first failure that a session reports, optionally for one event. */
function reported(session: Session, name?: keyof SessionEventMap): Promise<Reported> {
  return new Promise((resolve, reject) =>
    reportSession(session, ({ event, failure }) => {
      if (failure === undefined || (name !== undefined && name !== event)) return;
      const { cause, fix = "" } = failure;
      const code = FAILURE_CODES.find((each) => each === failure.code);
      if (code === undefined) reject(new Error(`${failure.code} is not in the catalogue`));
      else resolve({ code, cause, fix });
    })
  );
}

function next<K extends keyof SessionEventMap>(
  session: Session,
  type: K,
): Promise<SessionEventMap[K]> {
  return new Promise((resolve) =>
    session.addEventListener(type, ({ detail }) => resolve(detail), { once: true })
  );
}

/** A session and an emulator. */
interface Emulated {
  readonly emulator?: EmulatorOptions;
  readonly session?: Partial<SessionOptions>;
  /** The event that reports the failure. Default: the first event that reports one. */
  readonly event?: keyof SessionEventMap;
  /** Called before the session starts. */
  readonly before?: (emulator: AcsEmulator) => void;
  /** Called when the session is connected. */
  readonly connected?: (emulator: AcsEmulator, start: () => Session) => void;
}

function emulated(
  { emulator: emulatorOptions = {}, session: changes = {}, event, before, connected }: Emulated,
): () => Promise<Reported> {
  return async () => {
    const emulator = await AcsEmulator.listen(emulatorOptions);
    const sessions: { session: Session; running: Promise<void> }[] = [];
    const create = () =>
      new Session({
        region: "us-west-2",
        containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
        credentials: EXAMPLE_CREDENTIALS,
        agentVersion: "1.0.0",
        endpoint: emulator.url,
        ...changes,
      });
    const start = (session: Session = create()) => {
      sessions.push({ session, running: session.start() });
      return session;
    };
    try {
      before?.(emulator);
      const session = create();
      const failure = reported(session, event);
      const isConnected = next(session, "connected");
      start(session);
      if (connected !== undefined) {
        await isConnected;
        connected(emulator, () => start());
      }
      return await failure;
    } finally {
      await Promise.all(sessions.map(({ session }) => session.stop()));
      await Promise.all(sessions.map(({ running }) => running));
      await emulator.close();
    }
  };
}

/** A session and a service on raw sockets, in fake time. */
interface Broken extends Pick<Row, "ecs" | "acs" | "deadEnd" | "ca"> {
  readonly event?: keyof SessionEventMap;
  readonly meanwhile?: (scene: FaultScene) => Promise<void>;
}

function broken({ event, meanwhile, ...faults }: Broken): () => Promise<Reported> {
  return async () => {
    let result: Reported;
    await withBrokenService(faults, async (scene) => {
      const failure = reported(scene.stage.session, event);
      scene.stage.start();
      await meanwhile?.(scene);
      result = await failure;
      scene.service.repair();
    });
    return result;
  };
}

const deadEnd = (url: string) => broken({ deadEnd: { of: "ecs", url: () => url } });

/** A peer that responds to the first bytes with the given ones. */
const answerTls = (bytes: string | Uint8Array) =>
  broken({
    deadEnd: {
      of: "ecs",
      url: (peerUrl) => peerUrl.replace(/^http:/, "https:"),
      behave: (connection) => void connection.socket.end(bytes),
    },
  });

/** A session whose first connection failed with this exception. */
const refused = (exception: string, status = 400) =>
  emulated({ before: (emulator) => emulator.refuseNextDiscover({ status, exception }) });

const refusedUpgrade = (exception: string) =>
  emulated({
    before: (emulator) => emulator.refuseNextUpgrade({ status: 400, exception, next: 2 }),
  });

const ECS_BEHIND_PROXY = "https://ecs.us-west-2.invalid/";

const behindProxy = (status: number, env: Readonly<Record<string, string>> = USES_PROXY) => () =>
  withProxy(status, async (url) => {
    const { help } = await firstFailure([ECS_BEHIND_PROXY], { ...env, HTTPS_PROXY: url });
    return help;
  });

/** Runs `acs run`'s search for credentials in a process with this environment. */
const keysFrom = (variables: Readonly<Record<string, string>>, config = "") => () =>
  withFile(config, async (path) => {
    const { stdout, stderr } = await startProgram(LOOKS_FOR_CREDENTIALS, [], {
      AWS_CONFIG_FILE: path,
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
      AWS_EC2_METADATA_DISABLED: "true",
      ...variables,
    }).ended;
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout).help;
  });

/** Runs a test program on Deno without these permissions, and returns what it prints. */
async function denied(program: string, flags: readonly string[], args: readonly string[] = []) {
  const child = spawn(process.execPath, [
    ...["run", "--quiet", "--config", DEV_CONFIG, "--no-prompt", "--deny-ffi"],
    ...flags,
    program,
    ...args,
  ], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      DENO_DIR: process.env["DENO_DIR"],
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  await new Promise((resolve) => child.once("close", resolve));
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout).help;
}

const expired = await createTestCa([], { isExpired: true });
const wrongName = await createTestCa([], { isForOther: true });
const unknown = await createTestCa();

/** The fatal alert of a TLS peer that only supports older versions: protocol_version. */
const PROTOCOL_VERSION_ALERT = Uint8Array.of(0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 70);

/** Accepts an upgrade and ends the stream. */
const endAtOnce: Behavior = async (connection) => {
  await connection.accept();
  connection.end();
};

const SCENES: Readonly<Record<FailureCode, Scene>> = {
  "ACS-C01": {
    what: "An environment without credentials",
    produce: keysFrom({}),
    fix: /Set AWS_ACCESS_KEY_ID/,
  },
  "ACS-C02": {
    what: "A misspelled profile",
    produce: keysFrom({ AWS_PROFILE: "tset" }, "[profile test]\nregion = us-west-2\n"),
    fix: /Set AWS_PROFILE to test/,
  },
  "ACS-C03": {
    what: "An SSO session that has expired",
    produce: keysFrom({ AWS_PROFILE: "sso" }, SSO_CONFIG),
    fix: /aws sso login --profile sso/,
  },
  "ACS-C04": {
    what: "A process that is not permitted to read the credentials",
    produce: () => denied(LOOKS_FOR_CREDENTIALS, ["--allow-env", "--allow-net", "--allow-sys"]),
    fix: /Run it with --allow-read=/,
    only: "Deno",
  },
  "ACS-C05": {
    what: "A credentials endpoint that refuses connections",
    produce: async () =>
      await keysFrom({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${await closedPort()}/keys`,
      })(),
    fix: /Check that http:\/\/127\.0\.0\.1:\d+ responds/,
  },
  "ACS-C06": {
    what: "A secret key with a line break",
    produce: emulated({
      session: { credentials: () => ({ accessKeyId: "AKID", secretAccessKey: "made-up\n" }) },
    }),
    fix: /Set the secretAccessKey again/,
  },
  "ACS-C07": {
    what: "A credentials function that throws",
    produce: emulated({
      session: { credentials: () => Promise.reject(new Error("the vault is sealed")) },
    }),
    fix: /Fix the source/,
  },
  "ACS-C08": {
    what: "A credential_process that fails",
    produce: keysFrom(
      { AWS_PROFILE: "vault" },
      "[profile vault]\ncredential_process = /nonexistent/vault\n",
    ),
    fix: /Run its command in a shell/,
  },
  "ACS-N01": {
    what: "A host name without an address",
    produce: deadEnd("https://no-such-host.invalid/"),
    // A machine without a DNS server reports a different code.
    fix: /dig no-such-host\.invalid/,
  },
  "ACS-N02": {
    what: "A port without a listener",
    produce: async () => await deadEnd(`http://127.0.0.1:${await closedPort()}/`)(),
    fix: /npx @acs\/session emulate --port \d+/,
  },
  "ACS-N03": {
    what: "An ECS endpoint that does not respond",
    produce: broken({
      ecs: () => {},
      meanwhile: async ({ stage, service }) => {
        await until(() => service.reached.ecs > 0, "ECS is reached");
        await stage.time.advance(126_000);
      },
    }),
    fix: /npx @acs\/session doctor; if TCP fails, allow outbound TCP to port \d+/,
  },
  "ACS-N04": {
    what: "An ECS endpoint that resets the connection",
    produce: broken({ ecs: (connection) => connection.reset() }),
    fix: /Find the firewall, proxy or load balancer/,
  },
  "ACS-N05": {
    what: "An address without a route",
    // TCP has no route to multicast addresses.
    produce: deadEnd("http://224.0.0.1:4570/"),
    fix: /ip route/,
  },
  "ACS-N06": {
    what: "A process that is not permitted to connect",
    produce: () =>
      denied(FAILING_SESSION, ["--allow-env", "--allow-sys"], ["http://127.0.0.1:49151/"]),
    fix: /Run it with --allow-net=127\.0\.0\.1:49151/,
    only: "Deno",
  },
  "ACS-N07": {
    what: "A peer that sends broken frames",
    produce: emulated({
      connected: (emulator) => emulator.injectFault({ at: "connection", action: "garbage" }),
    }),
    fix: /Find the proxy or load balancer in front of \S+ that alters the data/,
  },
  "ACS-P01": {
    what: "A proxy that Node.js ignores",
    produce: behindProxy(200, {}),
    fix: /^Set NODE_USE_ENV_PROXY=1\.$/,
    only: "Node",
  },
  "ACS-P02": {
    what: "A proxy that is down",
    produce: async () => {
      const env = { ...USES_PROXY, HTTPS_PROXY: `http://127.0.0.1:${await closedPort()}` };
      return (await firstFailure([ECS_BEHIND_PROXY], env)).help;
    },
    fix: /Start the proxy or correct HTTPS_PROXY/,
  },
  "ACS-P03": {
    what: "A proxy that refuses the tunnel",
    produce: behindProxy(403),
    fix: /Allow CONNECT to ecs\.us-west-2\.invalid:443/,
  },
  "ACS-P04": {
    what: "A proxy that requires a login",
    produce: behindProxy(407),
    fix: /^Put them into HTTPS_PROXY/,
  },
  "ACS-P05": {
    what: "A login page instead of ECS",
    produce: emulated({
      before: (emulator) =>
        emulator.refuseNextDiscover({ status: 200, body: "<html>Log in</html>" }),
    }),
    fix: /see who answers/,
  },
  "ACS-T01": {
    what: "A certificate by an unknown authority",
    produce: broken({ deadEnd: { of: "ecs", tls: unknown } }),
    fix: /If the authority is your company's/,
  },
  "ACS-T02": {
    what: "A certificate that has expired",
    produce: broken({ deadEnd: { of: "ecs", tls: expired }, ca: expired.ca }),
    fix: /Check the clock/,
  },
  "ACS-T03": {
    what: "A certificate for another name",
    produce: broken({ deadEnd: { of: "ecs", tls: wrongName }, ca: wrongName.ca }),
    fix: /Use the name in the certificate/,
  },
  "ACS-T04": {
    what: "A port that serves plain HTTP instead of TLS",
    produce: answerTls("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    fix: /Use http:\/\//,
  },
  "ACS-T05": {
    what: "A port that supports only old versions of TLS",
    produce: answerTls(PROTOCOL_VERSION_ALERT),
    fix: /Enable TLS 1\.2 or 1\.3/,
  },
  "ACS-A01": {
    what: "An unknown access key",
    produce: emulated({
      session: { credentials: { ...EXAMPLE_CREDENTIALS, accessKeyId: "AKIDUNKNOWN" } },
    }),
    fix: /Use a current access key/,
  },
  "ACS-A02": {
    what: "A wrong secret key",
    produce: emulated({
      session: { credentials: { ...EXAMPLE_CREDENTIALS, secretAccessKey: "wrong" } },
    }),
    fix: /secret access key that belongs/,
  },
  "ACS-A03": {
    what: "A session token that has expired",
    produce: refused("ExpiredTokenException"),
    fix: /Renew the credentials/,
  },
  "ACS-A04": {
    what: "A role without the permission",
    produce: refused("AccessDeniedException"),
    fix: /Allow ecs:DiscoverPollEndpoint and ecs:Poll/,
  },
  "ACS-A05": {
    what: "A cluster that does not exist, although none was set,",
    produce: emulated({
      session: {
        containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/0123456789",
      },
      emulator: { clusterArn: "arn:aws:ecs:us-west-2:123456789012:cluster/prod" },
    }),
    fix: /without one, "default" is sent/,
  },
  "ACS-A06": {
    what: "A container instance that does not exist",
    produce: emulated({
      emulator: {
        containerInstances: ["arn:aws:ecs:us-west-2:123456789012:container-instance/default/other"],
      },
    }),
    fix: /Use the ARN that RegisterContainerInstance returned/,
  },
  "ACS-A07": {
    what: "A deregistered container instance",
    produce: refusedUpgrade("InactiveInstanceException"),
    fix: /Register the instance again/,
  },
  "ACS-A08": {
    what: "A signature for another region",
    produce: emulated({ emulator: { region: "eu-west-1" } }),
    fix: /region and the endpoint agree/,
  },
  "ACS-A09": { what: "Throttling", produce: refused("ThrottlingException"), fix: /Wait/ },
  "ACS-A10": {
    what: "An internal error of the service",
    produce: refused("ServerException", 500),
    fix: /Wait/,
  },
  "ACS-A11": {
    what: "A request that is refused as invalid",
    produce: refused("InvalidParameterException"),
    fix: /Check the cluster/,
  },
  "ACS-A12": {
    what: "An endpoint that is not an HTTP URL",
    produce: emulated({
      before: (emulator) =>
        emulator.injectFault({
          at: "discover",
          action: "endpoint",
          endpoint: "ftp://acs.example/",
        }),
    }),
    fix: /Check who answers as ECS/,
  },
  "ACS-K01": {
    what: "A clock that is an hour behind",
    produce: emulated({ emulator: { clockSkewMs: 3_600_000 } }),
    fix: /Set the clock/,
  },
  "ACS-S01": {
    what: "A second agent with the same container instance",
    produce: emulated({ connected: (_emulator, start) => void start() }),
    fix: /Stop the other agent/,
  },
  "ACS-S02": {
    what: "A connection that falls silent",
    produce: broken({
      acs: (connection, service) => service.greet(connection),
      meanwhile: async ({ stage }) => {
        await until(() => stage.eventsOf("received").length > 0, "the payload arrives");
        await stage.time.advance(61_000);
      },
      event: "disconnected",
    }),
    fix: /idle for a minute/,
  },
  "ACS-S03": {
    what: "A handler that never returns",
    produce: emulated({
      session: {
        payloadMessageHandler: { processMessage: () => new Promise(() => {}) },
        timing: { laneStuckMs: 50, drainTimeoutMs: 10 },
      },
      connected: (emulator) => void emulator.sendPayload(samplePayload(1, 1)).acked.catch(() => {}),
      event: "stuck",
    }),
    fix: /what the handler awaits/,
  },
  "ACS-S04": {
    what: "A handler that throws",
    produce: emulated({
      session: {
        payloadMessageHandler: { processMessage: () => Promise.reject(new Error("no disk")) },
      },
      connected: (emulator) => void emulator.sendPayload(samplePayload(1, 1)).acked.catch(() => {}),
      event: "dropped",
    }),
    fix: /Fix the handler/,
  },
  "ACS-S05": {
    what: "A service that ends every connection immediately",
    produce: broken({
      acs: endAtOnce,
      meanwhile: async ({ stage }) => {
        const isFailing = () => stage.eventsOf("failing").length > 0;
        while (!isFailing()) {
          const { session } = stage;
          await until(() => isFailing() || session.state.status === "waiting", "it waits");
          if (session.state.status === "waiting") await stage.time.advance(session.state.delayMs);
        }
      },
      event: "failing",
    }),
    fix: /Check for a second agent with the same ARN/,
  },
  "ACS-S06": {
    what: "A page from a proxy instead of messages",
    produce: broken({
      acs: async (connection, service) => {
        await connection.accept();
        connection.sendText("<html>Sign in to use this network</html>");
        await service.repaired;
        connection.end();
      },
      event: "dropped",
    }),
    fix: /Check that the endpoint is ACS/,
  },
};

const RUNTIME = "Deno" in globalThis ? "Deno" : "Node";

for (const code of FAILURE_CODES) {
  const { what, produce, fix, only = RUNTIME } = SCENES[code];
  if (only !== RUNTIME) continue;
  test(`${what} is reported as ${code}, with a remedy`, () =>
    withCapturedLog(async (log) => {
      const help = await produce();
      assert.equal(help?.code, code, `${help?.cause}\n${log.text()}`);
      assert.match(help.fix, fix);
      // Sessions in other processes have their own log.
      if (log.records.length === 0) return;
      assert.ok(log.text().includes(`What to do (${code}): ${help.fix}`), log.text());
    }));
}
