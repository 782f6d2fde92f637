/**
 * `deno task test:node`: installs the npm package for each Node runtime, runs the tests of Deno
 * against it, and checks what only the package has.
 *
 * @module
 */

import { join } from "node:path";
import fields from "../../npm/package_fields.json" with { type: "json" };
import { pinnedVersions, ROOT, VERSION } from "../../scripts/npm/deno_config.ts";
import { print } from "../../scripts/npm/output.ts";
import { runSeed, TRACED_DAYS, TRACED_SEED } from "../simulation/seeds.ts";
import { checkNeighbours } from "../neighbours/neighbours.ts";
import { problemsOf, titlesForNode } from "./comparison.ts";
import { lintPackage } from "./package_lint.ts";
import { registeredTitles, testFiles } from "./registered_tests.ts";
import { type NodeRuntime, nodeRuntimes } from "./runtime.ts";
import { translate } from "./suite.ts";
import { indent, Tally } from "./tally.ts";
import { runSuite } from "./test_run.ts";

const TARBALL = join(ROOT, "npm", "build", `acs-session-${VERSION}.tgz`);

/** The optional package that `acs run` needs. */
const PEER = "@aws-sdk/credential-providers";

/** The optional package that `acs run --metrics-port` needs, besides the SDK that tests import. */
const EXPORTER = "@opentelemetry/exporter-prometheus";

// The same seed has to give the same trace on Node.
const { result: { sha256 } } = await runSeed(TRACED_SEED, TRACED_DAYS);
Deno.env.set("ACS_SIMULATION_SHA256", sha256);

const tally = new Tally();
const onDeno = await registeredTitles();
const expected = titlesForNode(onDeno);
const suite = await translate(await testFiles());
const packageChecks = await translate(["tests/node/package_checks.ts"]);
const runChecks = await translate(["tests/node/run_checks.ts"]);

const runtimes = await nodeRuntimes();
for (const [index, runtime] of runtimes.entries()) {
  print(`Node ${runtime.version}`);
  await withPackages(runtime, [TARBALL], async (folder) => {
    await check(runtime, packageChecks, folder);
  });
  // The oldest Node gets the oldest version that package.json allows.
  const peer = index === 0 ? oldest(fields.peerDependencies[PEER]) : pinnedVersions().get(PEER);
  const exporter = `${EXPORTER}@${pinnedVersions().get(EXPORTER)}`;
  const packages = [TARBALL, `${PEER}@${peer}`, exporter, ...suite.packages];
  await withPackages(runtime, packages, async (folder) => {
    await check(runtime, runChecks, folder);
    await checkBehavior(runtime, folder);
  });
}

print("The package for its users");
const newest = runtimes[runtimes.length - 1];
if (newest === undefined) throw new Error("no Node runtime");
await lintPackage(newest, TARBALL, tally);

print("The package with its neighbours");
await checkNeighbours(TARBALL, tally);

print(String(tally));
Deno.exit(tally.failed === 0 ? 0 : 1);

/** Runs a function in a new folder with these packages. */
async function withPackages(
  runtime: NodeRuntime,
  packages: readonly string[],
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await runtime.install(packages);
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs checks of what only the package has, and prints the result of each. */
async function check(
  runtime: NodeRuntime,
  checks: typeof suite,
  folder: string,
): Promise<void> {
  const results = await runSuite(runtime, checks, folder);
  if (results.length === 0) tally.check(checks.tests.join(), "it has no tests");
  for (const { title, outcome, error } of results) {
    tally.check(title, outcome === "passed" ? undefined : error ?? outcome);
  }
}

/** Runs all tests that Deno runs, and prints their number. */
async function checkBehavior(runtime: NodeRuntime, folder: string): Promise<void> {
  const start = performance.now();
  const ran = await runSuite(runtime, suite, folder);
  const problems = problemsOf(expected, ran);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(
    `  ${ran.length} tests ran in ${seconds} s, of ${expected.length}; Deno has ${onDeno.length}`,
  );
  for (const problem of problems) print(indent(problem));
  const passed = ran.filter(({ outcome }) => outcome === "passed").length;
  tally.add(passed, problems.length);
}

/** The oldest version of a range such as `^3.540.0`. */
function oldest(range: string): string {
  return range.replace(/^\^/, "");
}
