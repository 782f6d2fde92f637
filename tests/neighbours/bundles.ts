/**
 * Agents that a bundler has combined into one file.
 *
 * @module
 */

import { join } from "node:path";
import { execute } from "../../scripts/npm/command.ts";
import { type Check, problemOf } from "./checks.ts";
import { program, type ProgramRuntime, writePrograms } from "./program_runtime.ts";
import type { Setting } from "./setting.ts";
import { latestOf } from "./versions.ts";

/** The optional peer, which is not installed when an agent is bundled. */
const PEER = "@aws-sdk/credential-providers";

/** Gives an ES module the `require` that CommonJS packages in it call, as our README says. */
const REQUIRE = 'import { createRequire } from "node:module"; ' +
  "const require = createRequire(import.meta.url);";

const ESBUILD = ["--bundle", "--platform=node", "--log-level=warning", `--external:${PEER}`];
const TO_ESM = ["--format=esm", `--banner:js=${REQUIRE}`];
const ROLLUP = [
  "--plugin=node-resolve",
  "--plugin=commonjs",
  `--external=${PEER}`,
  "--inlineDynamicImports",
  "--silent",
];

/** One way to bundle. */
interface Bundle {
  /** Its description, for test titles. */
  readonly what: string;
  /** The output file. */
  readonly file: string;
  /** The program to bundle. */
  readonly program: string;
  /** The bundler and its arguments. */
  readonly command: readonly string[];
}

const BUNDLES: readonly Bundle[] = [
  {
    what: "an agent that esbuild has bundled as an ES module",
    file: "esbuild.mjs",
    program: "agent",
    command: ["esbuild", ...ESBUILD, ...TO_ESM],
  },
  {
    what: "an agent that esbuild has minified",
    file: "esbuild_minified.mjs",
    program: "agent",
    command: ["esbuild", ...ESBUILD, ...TO_ESM, "--minify"],
  },
  {
    what: "an agent that esbuild has bundled as CommonJS",
    file: "esbuild.cjs",
    program: "agent",
    command: ["esbuild", ...ESBUILD, "--format=cjs"],
  },
  {
    what: "a session that esbuild has bundled as an ES module, without `require`",
    file: "esbuild_session.mjs",
    program: "session",
    command: ["esbuild", ...ESBUILD, "--format=esm", "--external:@acs/session/emulator"],
  },
  {
    what: "an agent that rollup has bundled as an ES module",
    file: "rollup.mjs",
    program: "agent",
    command: ["rollup", ...ROLLUP, "--format=es"],
  },
  {
    what: "an agent that rollup has bundled as CommonJS",
    file: "rollup.cjs",
    program: "agent",
    command: ["rollup", ...ROLLUP, "--format=cjs"],
  },
];

/** Bundles an agent in each way. */
export async function bundles(setting: Setting): Promise<Check[]> {
  const { installer, tarball, runtimes } = setting;
  const folder = await setting.folder();
  const bundlers = [
    latestOf("esbuild"),
    latestOf("rollup"),
    latestOf("@rollup/plugin-commonjs"),
    latestOf("@rollup/plugin-node-resolve"),
  ];
  await installer.add(folder, [tarball, ...bundlers]);
  await writePrograms(folder);
  return BUNDLES.map((bundle) => ({
    title: `On every runtime: ${bundle.what} connects, acknowledges, and does not run acs`,
    run: () => makeAndRun(bundle, folder, runtimes),
  }));
}

async function makeAndRun(
  { file, command: [bundler = "", ...args], program: name }: Bundle,
  folder: string,
  runtimes: readonly ProgramRuntime[],
): Promise<string | undefined> {
  const output = bundler === "esbuild" ? [`--outfile=${file}`] : [`--file=${file}`];
  // By its path, since esbuild may have put a binary there.
  const bin = join(folder, "node_modules", ".bin", bundler);
  const made = await execute(bin, [program(name), ...args, ...output], { cwd: folder });
  if (made.code !== 0) return problemOf(made);

  const problems: (string | undefined)[] = [];
  for (const runtime of runtimes) {
    const problem = problemOf(await runtime.run([file], { cwd: folder }));
    problems.push(problem && `${runtime.name}: ${problem}`);
  }
  return problems.filter((problem) => problem !== undefined).join("\n") || undefined;
}
