/**
 * Builds the npm package into npm/build/: runs `deno pack`, then does what that leaves out. Fails
 * if the package would not work on Node; docs/decisions/npm_build.md lists what is checked.
 *
 * @module
 */

import { join } from "node:path";
import { checkCode, checkDependencies } from "./npm/check_code.ts";
import {
  checkCompleted,
  checkLocalPaths,
  checkPaths,
  type PackageFile,
} from "./npm/check_files.ts";
import { checkDeclarationFiles, checkDenoTypes, checkDocumentation } from "./npm/check_types.ts";
import { execute, NPM_ENV, run } from "./npm/command.ts";
import { EXPORTS, NAME, ROOT, VERSION } from "./npm/deno_config.ts";
import { checkInstalledPackages, installedPackages } from "./npm/installed_size.ts";
import { joinModules } from "./npm/join_modules.ts";
import { withDisposableTypes } from "./npm/disposable_types.ts";
import { inBytes, print } from "./npm/output.ts";
import { completePackageJson, type PackageJson, publicRepository } from "./npm/package_json.ts";

/** The program, and the modules emitted for it. */
const PROGRAM = "cli/main.ts";
const BIN_PATH = "bin/acs.js";

const BUILD = join(ROOT, "npm", "build");
const STAGE = join(BUILD, "package");

await build();

async function build(): Promise<void> {
  print(`Building ${NAME} ${VERSION}`);
  await Deno.remove(BUILD, { recursive: true }).catch(ignoreMissing);
  await Deno.mkdir(BUILD, { recursive: true });
  const packLog = await pack();
  const repository = await publicRepository();
  const packageJson = completePackageJson(await readPackageJson(), repository);
  await addMissingFiles(packageJson);
  await completeDeclarations();
  const modules = await checkStage(packageJson, packLog);
  for (const [file, count] of await joinModules(STAGE, modules)) {
    print(`  ${count} modules joined in ${file}`);
  }
  failOn(checkLocalPaths(await readFiles(STAGE), ROOT));
  print(`  repository: ${repository ?? "left out, since git's origin is not on a public host"}`);

  const options = ["--silent", "--pack-destination", BUILD];
  const name = (await run("npm", ["pack", ...options, STAGE], { env: NPM_ENV })).trim();
  const paths = await pathsIn(join(BUILD, name));
  failOn([...checkPaths(paths), ...checkCompleted(paths)]);
  await checkInstalled(join(BUILD, name));
  print(`Built npm/build/${name}`);
}

/**
 * Makes the tarball of `deno pack` and unpacks it.
 *
 * @returns The relevant part of its output.
 */
async function pack(): Promise<string> {
  const tarball = join(BUILD, "packed.tgz");
  // In CI the commit is packed; locally, the work tree is.
  const dirty = Deno.env.get("CI") ? [] : ["--allow-dirty"];
  // The package has its own docs and examples; source maps contain absolute paths; the program is
  // not reachable from any export, so it would be packed as TypeScript.
  const options = ["--no-source-maps", `--ignore=docs,examples,${PROGRAM}`];
  const args = ["pack", ...dirty, ...options, "-o", tarball];
  const { code, stderr } = await execute(Deno.execPath(), args, {
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  });
  if (code !== 0) failOn([`deno pack ended with ${code}`], stderr);

  failOn(checkPaths(await pathsIn(tarball)));
  await run("tar", ["xzf", tarball, "-C", BUILD]);
  await Deno.remove(tarball);
  // It lists every module without types; what is needed is why a module has none.
  return stderr.replace(/^(?:Check|Could not generate types) .*\n/gm, "");
}

async function pathsIn(tarball: string): Promise<string[]> {
  return (await run("tar", ["tzf", tarball])).trim().split("\n");
}

async function readPackageJson(): Promise<PackageJson> {
  return JSON.parse(await Deno.readTextFile(join(STAGE, "package.json")));
}

async function addMissingFiles(packageJson: PackageJson): Promise<void> {
  const json = `${JSON.stringify(packageJson, null, 2)}\n`;
  await Deno.writeTextFile(join(STAGE, "package.json"), json);
  await Deno.copyFile(join(ROOT, "npm", "README.md"), join(STAGE, "README.md"));
  await Deno.mkdir(join(STAGE, "bin"));
  await Deno.writeTextFile(join(STAGE, BIN_PATH), await bin(), { mode: 0o755 });
}

async function completeDeclarations(): Promise<void> {
  for (const file of await readFiles(STAGE)) {
    if (!file.path.endsWith(".d.ts")) continue;
    await Deno.writeTextFile(join(STAGE, file.path), withDisposableTypes(file));
  }
}

async function bin(): Promise<string> {
  const source = await Deno.readTextFile(join(ROOT, PROGRAM));
  const code = source.replace(/import\("\.\/(\w+)\.ts"\)/g, 'import("../cli/$1.js")');
  return `#!/usr/bin/env node\n${code}`;
}

/**
 * Checks what was packed.
 *
 * @returns The paths of the modules.
 */
async function checkStage(packageJson: PackageJson, packLog: string): Promise<string[]> {
  const files = await readFiles(STAGE);
  const declarations = files.filter(({ path }) => path.endsWith(".d.ts"));
  const code = files.filter(({ path }) => path.endsWith(".js"));
  failOn(checkDeclarationFiles(declarations, packageJson, Object.keys(EXPORTS)), packLog);
  const documentation = checkDocumentation(STAGE, packageJson);
  failOn([
    ...documentation.problems,
    ...declarations.flatMap(checkDenoTypes),
    ...checkDependencies([...code, ...declarations], packageJson),
    ...code.flatMap((file) => checkCode(file, packageJson.sideEffects)),
  ]);
  print(`  ${code.length} modules and ${declarations.length} .d.ts files`);
  print(`  ${documentation.documented} public symbols and members, all documented`);
  return code.map(({ path }) => path).filter((path) => path !== BIN_PATH);
}

async function readFiles(folder: string, path = ""): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  for await (const entry of Deno.readDir(join(folder, path))) {
    const inner = join(path, entry.name);
    if (entry.isDirectory) files.push(...await readFiles(folder, inner));
    else files.push({ path: inner, text: await Deno.readTextFile(join(folder, inner)) });
  }
  return files;
}

async function checkInstalled(tarball: string): Promise<void> {
  const { size } = await Deno.stat(tarball);
  const packages = await installedPackages(tarball);
  const total = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  print(`  the tarball: ${inBytes(size)}; installed in an empty folder:`);
  for (const { name, bytes } of packages) print(`${inBytes(bytes).padStart(20)}  ${name}`);
  print(`${inBytes(total).padStart(20)}  in total`);
  failOn(checkInstalledPackages(packages, NAME));
}

/** Ends the process if there are problems, after printing `log`, which may explain them. */
function failOn(problems: readonly string[], log = ""): void {
  if (problems.length === 0) return;
  print(log);
  for (const problem of problems) print(`  ${problem}`);
  print(`The package was not built; problems: ${problems.length}`);
  Deno.exit(1);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
