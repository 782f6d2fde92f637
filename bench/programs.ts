/**
 * Prepares the processes of a measurement, which run from the sources (on Deno) or from the
 * installed package.
 *
 * @module
 */

import { join } from "node:path";
import { pinnedVersions, ROOT, VERSION } from "../scripts/npm/deno_config.ts";
import { nodeRuntime } from "../tests/node/runtime.ts";
import type { Program } from "./child.ts";

/** The runtimes, by name. */
export type RuntimeName = "Deno" | "Node";

/** How a process runs: its runtime, and the source of the package. */
export interface Setup {
  /** The runtime. */
  readonly runtime: RuntimeName;
  /** The sources of this clone, or the package as npm installs it. */
  readonly source: "clone" | "npm";
}

/** The setups that users have. */
export const SETUPS: readonly Setup[] = [
  { runtime: "Deno", source: "clone" },
  { runtime: "Deno", source: "npm" },
  { runtime: "Node", source: "npm" },
];

/** The name of a measurement, with a suffix if Deno loads the package from npm. */
export function nameIn({ runtime, source }: Setup, what: string): string {
  return runtime === "Deno" && source === "npm" ? `${what}, from npm` : what;
}

/** The client at the agent's end of the connections. */
export type ClientName = "bare" | "session" | "minimal" | "raw";

/** The programs that measurements start. */
export interface Programs {
  /** The service's side. */
  readonly loadGenerator: Program;
  /** The agent's side. */
  client(runtime: RuntimeName, client: ClientName): Program;
  /**
   * A process with one session and nothing else, against the service at the URL. `least` is a
   * minimal session.
   */
  agent(setup: Setup, client: "least" | "agent", url: string): Program;
  /** A file of bench/startup. */
  startup(setup: Setup, name: "nothing" | "import_package"): Program;
  /** `acs run` against the service at that URL; installs the packages it needs. */
  acsRun(runtime: RuntimeName, url: string): Promise<Program>;
  /** `acs record` in front of the service at that URL, with a file for its trace. */
  acsRecord(runtime: RuntimeName, url: string, trace: string): Promise<Program>;
  /** The runtimes' names and versions, such as `Deno 2.9.6`. */
  readonly versions: Readonly<Record<RuntimeName, string>>;
  /** Removes the installed packages. */
  remove(): Promise<void>;
}

const BENCH = join(ROOT, "bench");
const TARBALL = join(ROOT, "npm", "build", `acs-session-${VERSION}.tgz`);

const ACS_RUN_FLAGS = [
  "--region",
  "us-west-2",
  "--container-instance-arn",
  "arn:aws:ecs:us-west-2:111122223333:container-instance/default/0123456789abcdef",
];

/** Made-up credentials in the first place where `acs run` looks for them. */
const ENVIRONMENT_KEYS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
};

/** Imported by the clients in addition to the package. */
const CLIENTS_IMPORT = "@logtape/logtape";
/** Imported by `acs run` and `acs record` only: it brings fifty packages. */
const ACS_IMPORTS = "@aws-sdk/credential-providers";

/** Installs the package as last built, and the clients next to it. */
export async function preparePrograms(): Promise<Programs> {
  const node = await nodeRuntime("24");
  const versions = pinnedVersions();
  const pinned = (name: string) => `${name}@${versions.get(name)}`;
  const folder = await node.install([TARBALL, pinned(CLIENTS_IMPORT)]);
  // Node strips the types on its own.
  for (const name of ["clients", "load", "startup"]) await copyFolder(name, folder);
  /** Starts a program as users do, without flags for measurements. */
  const plain = (
    { runtime, source }: Setup,
    path: string,
    ...args: readonly string[]
  ): Program => {
    const [command, ...flags] = runtime === "Node" ? [node.binary] : [Deno.execPath(), "run", "-A"];
    return { command, args: [...flags, path, ...args], cwd: source === "npm" ? folder : BENCH };
  };
  /** Starts `acs` as users do; installs the packages that it needs. */
  const acs = async (runtime: RuntimeName, args: readonly string[]): Promise<Program> => {
    const env = ENVIRONMENT_KEYS;
    if (runtime === "Deno") {
      const main = join("cli", "main.ts");
      return {
        command: Deno.execPath(),
        args: ["run", "--config", "deno.dev.json", "-A", main, ...args],
        cwd: ROOT,
        env,
      };
    }
    await node.add(folder, [pinned(ACS_IMPORTS)]);
    const path = join("node_modules", ".bin", "acs");
    return { command: node.binary, args: [path, ...args], cwd: folder, env };
  };
  return {
    loadGenerator: {
      command: node.binary,
      args: [join("load", "load_generator.ts")],
      cwd: folder,
    },
    client: (runtime, client) => {
      const path = join("clients", `${client}_client.ts`);
      return runtime === "Node"
        ? { command: node.binary, args: ["--expose-gc", path], cwd: folder }
        : {
          command: Deno.execPath(),
          args: ["run", "-A", "--no-check", "--v8-flags=--expose-gc", path],
          cwd: BENCH,
        };
    },
    agent: (setup, client, url) => plain(setup, join("clients", `${client}_client.ts`), url),
    startup: (setup, name) => plain(setup, join("startup", `${name}.ts`)),
    acsRun: (runtime, url) => acs(runtime, ["run", "--endpoint-url", url, ...ACS_RUN_FLAGS]),
    acsRecord: (runtime, url, trace) =>
      acs(runtime, ["record", "--upstream", url, "--trace", trace, "--format", "json"]),
    versions: { Deno: `Deno ${Deno.version.deno}`, Node: `Node ${node.version}` },
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}

async function copyFolder(name: string, target: string): Promise<void> {
  await Deno.mkdir(join(target, name));
  for await (const { name: file } of Deno.readDir(join(BENCH, name))) {
    await Deno.copyFile(join(BENCH, name, file), join(target, name, file));
  }
}
