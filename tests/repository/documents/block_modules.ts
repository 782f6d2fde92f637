/**
 * Writes the documents' TypeScript and JavaScript blocks as modules, for type-checking and running.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CodeBlock, codeBlocks, placeOf } from "./code_blocks.ts";
import { isRun } from "./not_run.ts";

/** Languages of blocks that are type-checked and run. */
export const MODULES: readonly string[] = ["ts", "js"];

/** Declarations that are added to blocks, by the name that a block uses without declaring it. */
const PRELUDES = {
  session: `import { Session as PreludeSession } from "@acs/session";
import preludeProcess from "node:process";
const session = new PreludeSession({
  region: "us-west-2",
  endpoint: preludeProcess.env.AWS_ENDPOINT_URL_ECS,
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
  containerInstanceArn: preludeProcess.env.ACS_CONTAINER_INSTANCE_ARN ?? "",
  agentVersion: "1.0.0",
});
`,
};

/** A block in its own file. */
export interface BlockModule {
  /** Its place in the documents. */
  readonly place: string;
  /** The file's name. */
  readonly file: string;
  /** Whether it is an agent that runs until SIGTERM. */
  readonly isAgent: boolean;
}

/**
 * Writes every block that can be run.
 *
 * @param folder The target folder. It must be in the repository, so that imports resolve as they do
 * for a user, and is created if needed.
 */
export async function writeBlockModules(folder: string): Promise<BlockModule[]> {
  await mkdir(folder, { recursive: true });
  const blocks = (await codeBlocks()).filter(({ document, language, code }) =>
    MODULES.includes(language) && isRun(document, code)
  );
  return await Promise.all(blocks.map(async (block, index) => {
    const file = `block_${index}.${block.language}`;
    await writeFile(join(folder, file), moduleOf(block));
    return { place: placeOf(block), file, isAgent: block.code.includes("SIGTERM") };
  }));
}

/** Converts a block to a module that can be imported next to others. */
function moduleOf({ code }: CodeBlock): string {
  const preludes = Object.entries(PRELUDES)
    .filter(([name]) =>
      new RegExp(`\\b${name}\\.`).test(code) && !new RegExp(`\\b${name} =`).test(code)
    )
    .map(([, prelude]) => prelude);
  // A documented port may be in use here.
  const runnable = code.replaceAll(/\.listen\(\d+\)/g, ".listen(0)");
  return `${preludes.join("")}${runnable}\nexport {};\n`;
}
