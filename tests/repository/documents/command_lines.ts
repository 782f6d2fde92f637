/**
 * Finds the command lines in code blocks: of shells, systemd units, Dockerfiles, workflows and
 * Kubernetes manifests.
 *
 * @module
 */

import { parseAllDocuments } from "yaml";
import type { CodeBlock } from "./code_blocks.ts";

/**
 * The command lines of a block, in order, normalized: `acs` replaces all other ways to run that
 * command, and the emulator's port, which may be in use, is removed. Empty if the block's language
 * has no command lines.
 */
export function commandLinesOf(block: CodeBlock): string[] {
  return linesOf(block).map((line) =>
    line.replaceAll(ACS, "acs").replaceAll(/(?<=acs emulate.*) --port 4570\b/g, "")
  );
}

function linesOf(block: CodeBlock): string[] {
  switch (block.language) {
    case "sh":
      return shellLines(block.code);
    case "ini":
      return Array.from(
        block.code.matchAll(/^Exec\w+=[-@:+!]*(.*)$/gm),
        ([, line = ""]) => line,
      );
    case "dockerfile":
      return dockerfileInstructions(block.code)
        .filter(([name]) => ["RUN", "CMD", "ENTRYPOINT"].includes(name))
        .map(([, line]) => line.startsWith("[") ? shellWords(JSON.parse(line)) : line);
    case "yaml":
      return parseAllDocuments(block.code).flatMap((document) => yamlCommands(document.toJS()));
    default:
      return [];
  }
}

/** The ways to run the command `acs`: from the registry, in a clone, and next to a clone. */
const ACS =
  /npx @acs\/session(?= )|(?:npx -y )?deno (?:task acs|run -A (?:npm:@acs\/session\/acs|\.\.\/acs-session\/cli\/main\.ts))(?= )/g;

/** The lines of a script: without comments, and with continued lines and here-documents joined. */
function shellLines(code: string): string[] {
  const lines: string[] = [];
  let open = "";
  for (const line of code.split("\n")) {
    open = open === "" ? line : `${open}\n${line}`;
    if (open.endsWith("\\") || quotes(open) % 2 === 1) continue;
    const command = open.replace(/\s+# .*$/, "");
    if (command.trim() !== "" && !open.startsWith("#")) lines.push(command);
    open = "";
  }
  return lines;
}

function quotes(text: string): number {
  return text.replaceAll(/"[^"]*"/g, "").split("'").length - 1;
}

/** The instructions of a Dockerfile: name and the rest. */
export function dockerfileInstructions(code: string): [string, string][] {
  const lines = code.replaceAll(/^#.*\n/gm, "").replaceAll("\\\n", " ").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => {
    const [, name = "", rest = ""] = /^([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
    return [name.toUpperCase(), rest];
  });
}

/** The values of `run`, `command` and `args` anywhere in a YAML document. */
function yamlCommands(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(yamlCommands);
  if (typeof value !== "object" || value === null) return [];
  const { command, args, run, ...others } = { command: [], args: [], run: "", ...value };
  const words = [command, args].flat().map(String);
  return [
    ...(typeof run === "string" ? shellLines(run) : []),
    ...(words.length > 0 ? [shellWords(words)] : []),
    ...Object.values(others).flatMap(yamlCommands),
  ];
}

function shellWords(words: readonly unknown[]): string {
  return words.map(String)
    .map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
    .join(" ");
}
