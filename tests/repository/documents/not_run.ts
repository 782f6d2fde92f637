/**
 * Everything in the documents' code blocks that tests/repository/code_blocks_test.ts does not run,
 * each with the reason.
 *
 * @module
 */

/** A command line, or a block of code, that is not run. */
export interface NotRun {
  /** The document; any, if it is missing. */
  readonly document?: string;
  /** How the command line or the block starts. */
  readonly start: string;
  /** Why it is not run. */
  readonly reason: string;
}

const REGISTRY = "needs a package registry";
const PROJECT = "changes a project";
const CONTAINERS = "needs a container runtime";
const SLOW = "takes minutes; CI runs it";
const AWS_CLI = "needs the AWS CLI and takes 1 s of CPU time per call;" +
  " tests/emulator/sdk_test.ts makes the same calls with the SDK";
const TELEMETRY = "needs packages that would be 40 more to install for the tests";
const CONTROL_DOCUMENT = "tests/emulator/control_document_test.ts runs it";
const MITMPROXY = "needs mitmproxy; docs/recipes/mitmproxy.md lists the tested versions";
const PRIVATE_AUTHORITY = "tests/integration/private_authority_test.ts runs it";

/** What is not run. */
export const NOT_RUN: readonly NotRun[] = [
  { start: "npm install ", reason: REGISTRY },
  { start: "npm init", reason: PROJECT },
  { start: "npm pkg set", reason: PROJECT },
  { start: "npm ci", reason: REGISTRY },
  { start: "deno add ", reason: REGISTRY },
  { start: "deno install", reason: REGISTRY },
  { start: "npm publish", reason: "publishes" },
  { start: "npx -y deno publish", reason: "publishes; `deno task test` runs it with --dry-run" },
  { start: "npx -y @acs/session@", reason: REGISTRY },
  { start: "npm audit", reason: REGISTRY },
  { start: "git ", reason: "changes a repository, or needs a remote one" },
  { start: "npx -y deno task test", reason: SLOW },
  { start: "npx -y deno task demo", reason: "tests/repository/lock_test.ts runs it" },
  { start: "npx -y deno task build:npm", reason: SLOW },
  { start: "(cd ../acs-session && npx -y deno task build:npm)", reason: SLOW },
  { document: "docs/performance.md", start: "deno task bench", reason: "takes minutes" },
  { start: "docker ", reason: CONTAINERS },
  { start: "podman ", reason: CONTAINERS },
  { start: "aws ", reason: AWS_CLI },
  { start: "esbuild ", reason: "tests/neighbours/bundles.ts bundles an agent like this" },
  { start: "/usr/bin/node ", reason: "the unit's paths exist on the deployed machine only" },
  { document: "docs/emulator.md", start: "curl ", reason: CONTROL_DOCUMENT },
  {
    document: "docs/emulator.md",
    start: "acs emulate --scenario examples/scenarios/bad_network.json",
    reason: "takes 10 s; tests/cli/emulate_scenario_test.ts plays the same",
  },
  { document: "docs/real_agents.md", start: "curl http://127.0.0.1:8080/", reason: CONTAINERS },
  {
    document: "docs/real_agents.md",
    start: "mkdir -p /tmp/ecs-data",
    reason: CONTAINERS,
  },
  {
    document: "docs/recipes/record.md",
    start: "acs record ",
    reason: "needs AWS; tests/cli/record runs it with an emulator",
  },
  {
    document: "docs/recipes/mitmproxy.md",
    start: "mitmdump ",
    reason: MITMPROXY,
  },
  {
    document: "docs/recipes/mitmproxy.md",
    start: "HTTP_PROXY=",
    reason: MITMPROXY,
  },
  {
    document: "docs/deployment.md",
    start: 'import { createNativeTransport, Session } from "@acs/session";',
    reason: PRIVATE_AUTHORITY,
  },
  {
    document: "docs/deployment.md",
    start: 'import { readFile } from "node:fs/promises";\nimport { Agent } from "undici";',
    reason: PRIVATE_AUTHORITY,
  },
  {
    document: "npm/README.md",
    start: "import { AcsEmulator, EXAMPLE_CREDENTIALS, samplePayload }",
    reason: "starts no agent; docs/emulator.md has the same with one",
  },
  {
    document: "docs/observability.md",
    start: 'import { NodeSDK } from "@opentelemetry/sdk-node";',
    reason: TELEMETRY,
  },
  {
    document: "docs/decisions/api.md",
    start: "// One by one",
    reason: "shows two forms of a call, each with parts left out",
  },
];

/**
 * Whether a command line or a block is run by the tests.
 *
 * @param document The document's path.
 * @param code The command line or the block.
 */
export function isRun(document: string, code: string): boolean {
  return !NOT_RUN.some(({ document: only = document, start }) =>
    only === document && code.startsWith(start)
  );
}
