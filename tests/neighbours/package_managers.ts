/**
 * Package managers that lay packages out differently from npm.
 *
 * @module
 */

import { join } from "node:path";
import { type CommandResult, run } from "../../scripts/npm/command.ts";
import { NAME } from "../../scripts/npm/deno_config.ts";
import { type Check, problemOf } from "./checks.ts";
import { DENO, program, type ProgramRuntime, writePrograms } from "./program_runtime.ts";
import type { Setting } from "./setting.ts";
import { latestOf, type Neighbour, NEIGHBOURS } from "./versions.ts";

const ARN = "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123";

/** `acs run` without the optional peer. */
const ACS_RUN = ["run", "--region=us-west-2", `--container-instance-arn=${ARN}`];

/** A package manager. */
interface Manager {
  /** Its name, for titles. */
  readonly name: string;
  /** Its package. */
  readonly neighbour: Neighbour;
  /** Its script, in that package. */
  readonly script: string;
  /** The arguments of an installation. */
  readonly install: readonly string[];
  /** The arguments before a script of the application. */
  readonly node: readonly string[];
  /** The arguments before those of `acs`. */
  readonly acs: readonly string[];
  /** Whether Deno finds the packages it has installed. */
  readonly onDeno: boolean;
}

/** Runs packages that are laid out as `node_modules`, without the package manager's help. */
const BY_NODE_MODULES = {
  node: [],
  acs: [join("node_modules", NAME, "bin", "acs.js")],
  onDeno: true,
} as const;

const MANAGERS: readonly Manager[] = [
  {
    name: "pnpm",
    neighbour: "pnpm",
    script: join("bin", "pnpm.mjs"),
    install: ["install", "--store-dir=.store", "--reporter=silent"],
    ...BY_NODE_MODULES,
  },
  {
    name: "Yarn 1",
    neighbour: "yarn",
    script: join("bin", "yarn.js"),
    install: ["install", "--silent", "--cache-folder=.cache"],
    ...BY_NODE_MODULES,
  },
  {
    name: "Yarn 4 with Plug'n'Play",
    neighbour: "@yarnpkg/cli-dist",
    script: join("bin", "yarn.js"),
    install: ["install"],
    node: ["node"],
    acs: ["run", "acs"],
    onDeno: false,
  },
];

/** Installs the package with each. */
export async function packageManagers(setting: Setting): Promise<Check[]> {
  const { installer } = setting;
  const tools = await setting.folder();
  await installer.add(tools, MANAGERS.map(({ neighbour }) => latestOf(neighbour)));
  // Yarn 4 does not read npm's configuration.
  const registry = (await run("npm", ["config", "get", "registry"])).trim();
  const families = MANAGERS.map((manager) => installWith(manager, tools, registry, setting));
  return (await Promise.all(families)).flat();
}

async function installWith(
  manager: Manager,
  tools: string,
  registry: string,
  { installer, tarball, nodes, folder: newFolder }: Setting,
): Promise<Check[]> {
  const folder = await newFolder();
  const json = { private: true, type: "module", dependencies: { [NAME]: `file:${tarball}` } };
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(json));
  const script = join(tools, "node_modules", manager.neighbour, manager.script);
  const env = {
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_GLOBAL_FOLDER: join(folder, ".global"),
    YARN_ENABLE_TELEMETRY: "0",
    YARN_ENABLE_IMMUTABLE_INSTALLS: "0",
    YARN_IGNORE_PATH: "1",
  };
  const installed = await installer.node([script, ...manager.install], { cwd: folder, env });
  const problem = problemOf(installed);
  if (problem !== undefined) throw new Error(`${manager.name} cannot install: ${problem}`);
  await writePrograms(folder);

  const title = `${manager.name} ${NEIGHBOURS[manager.neighbour].at(-1)}`;
  const run = (runtime: ProgramRuntime, args: readonly string[]): Promise<CommandResult> =>
    runtime.run(manager.onDeno ? args : [script, ...args], { cwd: folder, env });
  const runtimes = manager.onDeno ? [...nodes, DENO] : nodes;
  return runtimes.flatMap((runtime): Check[] => [
    {
      title: `${runtime.name}: a session installed by ${title} connects and acknowledges`,
      run: async () => problemOf(await run(runtime, [...manager.node, program("agent")])),
    },
    {
      title: `${runtime.name}: acs run installed by ${title} says which package is missing`,
      run: async () => {
        const { code, stdout, stderr } = await run(runtime, [...manager.acs, ...ACS_RUN]);
        const install = runtime === DENO ? "deno add npm:" : "npm install ";
        const namesPackage = stderr.includes(
          `not installed: ${install}@aws-sdk/credential-providers`,
        );
        return code === 2 && namesPackage
          ? undefined
          : `it ended with ${code}:\n${stdout}${stderr}`;
      },
    },
  ]);
}
