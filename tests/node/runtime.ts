/**
 * The Node runtimes on which the package is tested: each from the npm package that ships its
 * binary, kept between runs.
 *
 * @module
 */

import { dirname, join } from "node:path";
import {
  type CommandOptions,
  type CommandResult,
  execute,
  NPM_ENV,
  run,
} from "../../scripts/npm/command.ts";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { NEWEST_NODES } from "./node_versions.ts";

/** One Node runtime, with the machine's npm running on it. */
export class NodeRuntime {
  /** Its version, such as `22.23.3`. */
  readonly version: string;
  /** The path of its binary. */
  readonly binary: string;
  readonly #npm: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(version: string, binary: string, npm: string) {
    this.version = version;
    this.binary = binary;
    this.#npm = npm;
    const path = `${dirname(binary)}:${Deno.env.get("PATH") ?? ""}`;
    // engine-strict makes npm enforce the version that package.json requires.
    this.#env = { ...NPM_ENV, npm_config_engine_strict: "true", PATH: path };
  }

  /** The major version, such as `22`. */
  get major(): string {
    return this.version.split(".")[0] ?? this.version;
  }

  /** Runs a script, or anything else that the arguments say. */
  node(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return execute(this.binary, args, { ...options, env: { ...this.#env, ...options.env } });
  }

  /** Creates a new folder with only these packages and their dependencies installed. */
  async install(packages: readonly string[]): Promise<string> {
    const folder = await Deno.makeTempDir({ prefix: `acs-node-${this.major}-` });
    await Deno.writeTextFile(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    if (packages.length > 0) await this.add(folder, packages);
    return folder;
  }

  /** Installs more packages in a folder. */
  async add(folder: string, packages: readonly string[]): Promise<void> {
    const args = [join(this.#npm, "bin", "npm-cli.js"), "install", ...packages];
    await run(this.binary, args, { cwd: folder, env: this.#env });
  }
}

/**
 * The runtimes of these versions. Installs missing ones.
 *
 * @param versions Their versions. Default: the newest of each line, the oldest line first.
 */
export async function nodeRuntimes(
  versions: readonly string[] = NEWEST_NODES,
): Promise<NodeRuntime[]> {
  const runtimes: NodeRuntime[] = [];
  for (const version of versions) runtimes.push(await runtimeOf(version));
  return runtimes;
}

/**
 * The runtime of one major version, such as `24`. Installs it if necessary.
 *
 * @throws {Error} If the package is not tested on that version.
 */
export async function nodeRuntime(major: string): Promise<NodeRuntime> {
  const version = NEWEST_NODES.find((version) => version.startsWith(`${major}.`));
  if (version === undefined) throw new Error(`Node ${major} is none of ${NEWEST_NODES.join(", ")}`);
  return await runtimeOf(version);
}

async function runtimeOf(version: string): Promise<NodeRuntime> {
  const npm = join((await run("npm", ["root", "--global"])).trim(), "npm");
  return new NodeRuntime(version, await nodeBinary(version), npm);
}

async function nodeBinary(version: string): Promise<string> {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const name = `node-${Deno.build.os}-${arch}`;
  const folder = join(ROOT, ".cache", "node", version);
  const binary = join(folder, "node_modules", name, "bin", "node");
  if (!await exists(binary)) {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "package.json"), '{ "private": true }');
    await run("npm", ["install", `${name}@${version}`], { cwd: folder, env: NPM_ENV });
  }
  const found = (await run(binary, ["--version"])).trim();
  if (found !== `v${version}`) throw new Error(`${binary} is Node ${found}, not v${version}`);
  return binary;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
