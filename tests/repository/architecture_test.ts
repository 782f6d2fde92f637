/**
 * Checks the table of folders in docs/architecture.md: it must allow every import of the sources.
 */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { test } from "../testing/test.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The folder (or file of the top level) that a source file belongs to, as the table names it. */
function roomOf(path: string): string {
  const [first = path, ...rest] = path.split("/");
  return rest.length === 0 ? first : `${first}/`;
}

/** The table's rows: each folder with the folders that it may import. */
async function allowedImports(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const document = await readFile(join(ROOT, "docs", "architecture.md"), "utf8");
  const folders = document.slice(
    document.indexOf("## Folders"),
    document.indexOf("## ", document.indexOf("## Folders") + 3),
  );
  const rows = folders.matchAll(/^\| `([\w./]+)`\s*\|[^|]*\|([^|]*)\|$/gm);
  const rooms = new Map<string, ReadonlySet<string>>();
  for (const [, room = "", imports = ""] of rows) {
    if (!/nothing|`/.test(imports)) continue;
    rooms.set(room, new Set(Array.from(imports.matchAll(/`([\w./]+)`/g), ([, name = ""]) => name)));
  }
  return rooms;
}

/** The source files of these folders, relative to the root. */
async function sourceFiles(rooms: Iterable<string>): Promise<string[]> {
  const files: string[] = [];
  for (const room of rooms) {
    if (!room.endsWith("/")) {
      files.push(room);
      continue;
    }
    const entries = await readdir(join(ROOT, room), { recursive: true });
    files.push(...entries.filter((entry) => entry.endsWith(".ts")).map((entry) => room + entry));
  }
  return files;
}

/** The files that each file imports, type-only and dynamic imports included. */
async function importGraph(files: readonly string[]): Promise<Map<string, string[]>> {
  const graph = new Map<string, string[]>();
  for (const file of files) {
    const { importedFiles } = ts.preProcessFile(await readFile(join(ROOT, file), "utf8"));
    const relative = importedFiles.map(({ fileName }) => fileName).filter((name) =>
      name.startsWith(".")
    );
    graph.set(file, relative.map((name) => posix.join(dirname(file), name)));
  }
  return graph;
}

/** A cycle of imports, if there is one: the files on it, the first one again at the end. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const imported of graph.get(file) ?? []) {
      const cycle = visit(imported);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

test("Each folder imports only the folders that docs/architecture.md allows it", async () => {
  const rooms = await allowedImports();
  assert.ok(rooms.size >= 9, "the table in docs/architecture.md could not be read");
  const graph = await importGraph(await sourceFiles(rooms.keys()));
  assert.ok(graph.size > 100, "the sources could not be read");
  const violations = Array.from(graph).flatMap(([file, imports]) =>
    imports
      .filter((imported) => roomOf(imported) !== roomOf(file))
      .filter((imported) => !rooms.get(roomOf(file))?.has(roomOf(imported)))
      .map((imported) => `${file} imports ${imported}`)
  );
  assert.deepEqual(violations, []);
});

test("No files import each other in a cycle, not even for types", async () => {
  const rooms = await allowedImports();
  assert.deepEqual(findCycle(await importGraph(await sourceFiles(rooms.keys()))), undefined);
});

test("A cycle of imports and a forbidden import would be noticed", () => {
  const graph = new Map([["a.ts", ["b.ts"]], ["b.ts", ["c.ts"]], ["c.ts", ["b.ts"]]]);
  assert.deepEqual(findCycle(graph), ["b.ts", "c.ts", "b.ts"]);
  assert.equal(roomOf("session/dispatch/lane.ts"), "session/");
  assert.equal(roomOf("mod.ts"), "mod.ts");
});
