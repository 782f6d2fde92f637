/**
 * Runs the documents' TypeScript and JavaScript blocks in one process, which starts by importing
 * them one after the other. An agent gets a task from an emulator, and then SIGTERM.
 *
 * @module
 */

import process from "node:process";
import { inspect } from "node:util";
import { reset } from "@logtape/logtape";
import { AcsEmulator, EXAMPLE_CREDENTIALS, samplePayload } from "@acs/session/emulator";

/** How long a block may take, in ms. */
const TIMEOUT_MS = 20_000;

/** A block. */
export interface BlockModule {
  /** Where it is, for the output. */
  readonly place: string;
  /** Whether it is an agent that runs until it gets SIGTERM. */
  readonly isAgent: boolean;
  /** Imports it, which runs it. */
  readonly load: () => Promise<unknown>;
}

/**
 * Runs blocks. The first one that fails ends the process, with its place on stderr.
 *
 * @param modules The blocks.
 */
export async function runModules(modules: readonly BlockModule[]): Promise<void> {
  for (const [index, { place, isAgent, load }] of modules.entries()) {
    const emulator = await AcsEmulator.listen();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_ECS: emulator.url,
      AWS_REGION: "us-west-2",
      AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
      ACS_CONTAINER_INSTANCE_ARN:
        `arn:aws:ecs:us-west-2:111122223333:container-instance/default/${index}`,
    });
    const timer = setTimeout(() => {
      process.stderr.write(`${place} does not end within ${TIMEOUT_MS} ms\n`);
      process.exit(1);
    }, TIMEOUT_MS);
    try {
      const connected = emulator.waitFor("connected", { within: TIMEOUT_MS });
      const ended = load();
      if (isAgent) {
        await Promise.race([connected, ended]);
        await emulator.sendPayload(samplePayload()).acked;
        process.kill(process.pid, "SIGTERM");
      } else connected.catch(() => {});
      await ended;
    } catch (error) {
      process.stderr.write(`${place}: ${inspect(error)}\n`);
      process.exit(1);
    } finally {
      clearTimeout(timer);
      await emulator.close();
      await reset();
    }
    process.stdout.write(`ran ${place}\n`);
  }
  process.exit(0);
}
