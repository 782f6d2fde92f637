/**
 * `acs emulate`: the service on this machine, until stopped.
 *
 * @module
 */

import process from "node:process";
import { Command, Option } from "commander";
import { AcsEmulator } from "../emulator/acs_emulator.ts";
import { runSampleTraffic } from "../emulator/samples/sample_traffic.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN } from "../emulator/samples/samples.ts";
import { EXAMPLE_CREDENTIALS } from "../emulator/http/sigv4.ts";
import { exitOnClosedOutput } from "./exit.ts";
import { parseWholeNumber } from "./flags.ts";
import { stopOnSignals } from "./signals.ts";
import { formatTimelineEntry, type TimelineEntry } from "./timeline.ts";

/** The flags. */
interface EmulateFlags {
  readonly port: number;
  readonly region: string;
  readonly heartbeat: number;
  readonly traffic?: number;
}

/**
 * The command.
 *
 * @param setExitCode Is told how it went.
 */
export function emulateCommand(setExitCode: (code: number) => void): Command {
  return new Command("emulate")
    .description("Serve ECS's DiscoverPollEndpoint and ACS on 127.0.0.1 until stopped")
    .addOption(
      new Option("--port <port>", "port, 0 for a free one").default(0)
        .argParser(parseWholeNumber(0, 65_535)),
    )
    .option("--region <region>", "region that agents sign for", "us-west-2")
    .addOption(
      new Option("--heartbeat <ms>", "time between heartbeats, 0 for none").default(30_000)
        .argParser(parseWholeNumber(0, 2 ** 31 - 1)),
    )
    .addOption(
      new Option("--traffic [ms]", "send sample messages to the newest agent, one each so many ms")
        .preset(5_000).argParser(parseWholeNumber(1, 2 ** 31 - 1)),
    )
    .action(async (flags: EmulateFlags) => setExitCode(await emulate(flags)));
}

async function emulate(flags: EmulateFlags): Promise<number> {
  exitOnClosedOutput();
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const emulator = await listen(flags);
  if (emulator === undefined) return 1;
  const stop = stopOnSignals();
  try {
    print(howToPointAnAgent(emulator.url, flags.region));
    tellEvents(emulator, print);
    await Promise.all([
      new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true })),
      flags.traffic === undefined ? undefined : runSampleTraffic(emulator, {
        intervalMs: flags.traffic,
        signal: stop.signal,
      }),
    ]);
    return 0;
  } finally {
    stop.release();
    await emulator.close();
  }
}

async function listen(flags: EmulateFlags): Promise<AcsEmulator | undefined> {
  try {
    return await AcsEmulator.listen({
      port: flags.port,
      region: flags.region,
      heartbeatIntervalMs: flags.heartbeat,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`error: cannot listen on port ${flags.port}: ${why}\n`);
    return undefined;
  }
}

function howToPointAnAgent(url: string, region: string): string {
  const { accessKeyId, secretAccessKey } = EXAMPLE_CREDENTIALS;
  return `ECS and ACS are at ${url} (region ${region}); press Ctrl-C to stop.

An agent of any kind needs these in its environment:

  export AWS_ENDPOINT_URL_ECS=${url}
  export AWS_REGION=${region}
  export AWS_ACCESS_KEY_ID=${accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${secretAccessKey}

Then, where this package is installed or in a clone of its repository, the dry-run agent is:

  acs run --container-instance-arn ${SAMPLE_CONTAINER_INSTANCE_ARN}
  deno task acs run --container-instance-arn ${SAMPLE_CONTAINER_INSTANCE_ARN}
`;
}

function tellEvents(emulator: AcsEmulator, print: (line: string) => void): void {
  const start = new Date();
  const tell = (entry: Omit<TimelineEntry, "time">) =>
    print(formatTimelineEntry({ time: new Date(), ...entry }, start));
  emulator.addEventListener(
    "discovered",
    ({ detail }) =>
      tell({ direction: " ", what: "discovered", note: `by ${detail.containerInstance}` }),
  );
  emulator.addEventListener(
    "connected",
    ({ detail }) => tell({ direction: " ", what: "connected", note: `connection ${detail.id}` }),
  );
  emulator.addEventListener(
    "disconnected",
    ({ detail }) => tell({ direction: " ", what: "disconnected", note: `connection ${detail.id}` }),
  );
  emulator.addEventListener("refused", ({ detail }) =>
    tell({
      direction: "x",
      what: `refused ${detail.request}`,
      note: `${detail.exception} (${detail.status}): ${detail.reason}`,
    }));
  emulator.addEventListener("sent", ({ detail }) =>
    tell({
      direction: ">",
      what: detail.type ?? "raw frame",
      id: detail.messageId,
      note: detail.resent ? "sent again" : "",
    }));
  emulator.addEventListener(
    "received",
    ({ detail }) => tell({ direction: "<", what: detail.type, id: detail.messageId, note: "" }),
  );
  emulator.addEventListener(
    "problem",
    ({ detail }) => tell({ direction: "x", what: "problem", note: detail.problem }),
  );
}
