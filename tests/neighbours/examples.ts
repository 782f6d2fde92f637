/**
 * The examples on Node, from TypeScript: the minimal agent, and the tests of an agent under
 * `node --test` and vitest.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { type Check, problemOf } from "./checks.ts";
import type { ProgramRuntime } from "./program_runtime.ts";
import type { Setting } from "./setting.ts";
import { latestOf } from "./versions.ts";

const ARN = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/0123";

/** A scenario that every agent passes. */
const SCENARIO = {
  steps: [
    { expect: "connected", within: 20_000 },
    { do: "run-task", as: "task" },
    { expect: "ack", messageId: "$task.messageId" },
  ],
};

/** Copies the examples next to the installed package, and runs them on each Node. */
export async function examples(setting: Setting): Promise<Check[]> {
  const { installer, tarball, nodes } = setting;
  const folder = await setting.folder();
  await installer.add(folder, [
    tarball,
    latestOf("vitest"),
    latestOf("@logtape/logtape"),
    "@aws-sdk/credential-providers",
  ]);
  await copy("minimal_agent", ["agent.ts"], folder);
  await copy("agent_test", ["task_agent.ts", "agent_node_test.ts", "vitest/agent.spec.ts"], folder);
  await Deno.writeTextFile(join(folder, "scenario.json"), JSON.stringify(SCENARIO));
  const acs = join("node_modules", "@acs", "session", "bin", "acs.js");
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  const check = (runtime: ProgramRuntime, what: string, args: string[]): Check => ({
    title: `On ${runtime.name}, ${what}`,
    run: async () => problemOf(await runtime.run(args, { cwd: folder })),
  });
  return nodes.flatMap((runtime) => [
    check(runtime, "the minimal agent passes a scenario", [
      acs,
      ...["emulate", "--container-instance", ARN, "--scenario", "scenario.json"],
      ...["--", "node", "agent.ts"],
    ]),
    check(runtime, "the agent's test passes under node --test", ["--test", "agent_node_test.ts"]),
    check(runtime, "the agent's test passes under vitest", [vitest, "run"]),
  ]);
}

async function copy(example: string, names: readonly string[], folder: string): Promise<void> {
  for (const name of names) {
    const target = join(folder, name);
    await Deno.mkdir(join(target, ".."), { recursive: true });
    await Deno.copyFile(join(ROOT, "examples", example, name), target);
  }
}
