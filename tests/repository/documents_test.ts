/**
 * Compares the documents with the code: links, paths, options, defaults, tasks, events, metrics.
 */

import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_LIMITS } from "../../session/limits.ts";
import { DEFAULT_TIMING } from "../../session/timing.ts";
import { test } from "../testing/test.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The folders that a path in a document may start with. */
const FOLDERS =
  "bench|cli|docs|emulator|examples|failures|internal|npm|protocol|responders|scripts|session|tests|wsclient";

/** A path of this repository, in backticks or not. */
const PATH = new RegExp(`(?<![\\w/.-])(?:${FOLDERS})/[\\w./-]*\\.(?:ts|md|svg|json)\\b`, "g");

/** Removed files that documents still mention. */
const REMOVED: ReadonlySet<string> = new Set(["bench/validation_bench.ts"]);

/** The defaults of a session's options with numbers, by the option's name. */
const DEFAULTS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    timing: DEFAULT_TIMING,
    limits: DEFAULT_LIMITS,
  })
    .flatMap(([option, defaults]) =>
      Object.entries(defaults).map(([name, value]) => [`${option}.${name}`, value])
    ),
);

/** Phrases that quote a number, each with the constant that defines it. */
const QUOTED: readonly {
  readonly document: string;
  readonly phrase: string;
  readonly file: string;
  readonly constant: string;
}[] = [
  {
    document: "docs/reliability.md",
    phrase: "more than 10,000 secrets",
    file: "internal/redaction/secrets.ts",
    constant: "MAX_SECRETS",
  },
  {
    document: "docs/reliability.md",
    phrase: "or 200,000 values",
    file: "protocol/secrets.ts",
    constant: "MAX_VALUES",
  },
  {
    document: "docs/reliability.md",
    phrase: "more than 512 Ki characters of JSON",
    file: "protocol/secrets.ts",
    constant: "MAX_PARSED_LENGTH",
  },
  {
    document: "docs/reliability.md",
    phrase: "more than 16 nested assignments",
    file: "protocol/secrets.ts",
    constant: "MAX_PARTS_WITHIN_PARTS",
  },
  {
    document: "docs/reliability.md",
    phrase: "less than 8 characters",
    file: "internal/redaction/secrets.ts",
    constant: "MIN_SECRET_LENGTH",
  },
  {
    document: "docs/reliability.md",
    phrase: "by their first 64 characters",
    file: "internal/redaction/redact.ts",
    constant: "KEY_LENGTH",
  },
  {
    document: "docs/reliability.md",
    phrase: "the first 16,384 characters of a text",
    file: "internal/redaction/redact.ts",
    constant: "MAX_SEARCHED_LENGTH",
  },
  {
    document: "docs/reliability.md",
    phrase: "| 65,536 bytes",
    file: "session/discovery/discover_poll_endpoint.ts",
    constant: "MAX_ANSWER_BYTES",
  },
  {
    document: "docs/reliability.md",
    phrase: "settled after 5 min (",
    file: "wsclient/signing/credential_source.ts",
    constant: "HUNG_CALL_MS",
  },
  {
    document: "docs/reliability.md",
    phrase: "result is used for 5 min after",
    file: "wsclient/signing/credential_source.ts",
    constant: "LATE_ANSWER_MS",
  },
  {
    document: "docs/protocol.md",
    phrase: "times out after 10 s (",
    file: "wsclient/transports/probe.ts",
    constant: "PROBE_TIMEOUT_MS",
  },
  {
    document: "docs/protocol.md",
    phrase: "does not answer after 5 s (",
    file: "wsclient/transports/closing.ts",
    constant: "CLOSE_GRACE_MS",
  },
  {
    document: "docs/protocol.md",
    phrase: "default of 5 min",
    file: "responders/attach_resource_responder.ts",
    constant: "DEFAULT_ATTACHMENT_WAIT_TIMEOUT_MS",
  },
  {
    document: "docs/decisions/session.md",
    phrase: "After 50 ms of handlers",
    file: "session/dispatch/message_dispatcher.ts",
    constant: "MAX_TURN_MS",
  },
  {
    document: "docs/decisions/session.md",
    phrase: "or 5 Mi characters of frames",
    file: "session/dispatch/frame_gate.ts",
    constant: "MAX_TURN_SIZE",
  },
  {
    document: "docs/decisions/session.md",
    phrase: "has not finished after 64 turns",
    file: "session/dispatch/frame_gate.ts",
    constant: "MAX_MICROTASKS",
  },
];

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  "": 1,
  Ki: 1024,
  Mi: 1024 ** 2,
  KiB: 1024,
  MiB: 1024 ** 2,
};

const QUANTITY = "(\\d+(?:\\.\\d+)?) ?(ms|s|min|h|KiB|MiB|Ki|Mi)\\b";

function read(path: string): Promise<string> {
  return readFile(join(ROOT, path), "utf8");
}

async function documentPaths(): Promise<string[]> {
  const docs = await readdir(join(ROOT, "docs"), { recursive: true });
  return [
    "README.md",
    "npm/README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...docs.filter((path) => path.endsWith(".md")).map((path) => posix.join("docs", path)),
  ];
}

/** The faults that `find` returns for each document. */
async function faultsIn(
  find: (text: string, path: string) => Iterable<string> | Promise<Iterable<string>>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const path of await documentPaths()) {
    for (const fault of await find(await read(path), path)) faults.push(`${path}: ${fault}`);
  }
  return faults;
}

async function exists(path: string): Promise<boolean> {
  return await stat(join(ROOT, path)).then(() => true, () => false);
}

/** The anchors of a document's headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.matchAll(/^#+ (.+)$/gm);
  return new Set(
    Array.from(
      headings,
      ([, heading = ""]) =>
        heading.toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/\s/g, "-"),
    ),
  );
}

async function brokenLinks(text: string, path: string): Promise<string[]> {
  const broken: string[] = [];
  const withoutCode = text.replace(/```.*?```/gs, "");
  for (const [, target = ""] of withoutCode.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^\w+:/.test(target)) continue;
    const [file = "", anchor] = target.split("#");
    const linked = file === "" ? path : posix.join(dirname(path), file);
    if (!await exists(linked)) broken.push(`link to ${target}`);
    else if (anchor !== undefined && !anchorsOf(await read(linked)).has(anchor)) {
      broken.push(`link to ${target}, which has no such heading`);
    }
  }
  return broken;
}

async function missingFiles(text: string, names: ReadonlySet<string>): Promise<string[]> {
  const paths = Array.from(text.matchAll(PATH), ([path]) => path);
  const missing: string[] = [];
  for (const path of new Set(paths)) {
    if (!REMOVED.has(path) && !await exists(path)) missing.push(path);
  }
  const files = Array.from(text.matchAll(/`(\w+\.ts)`/g), ([, name = ""]) => name);
  return [...missing, ...files.filter((name) => !names.has(name))];
}

/** The names of all source files, without their folders. */
async function sourceNames(): Promise<ReadonlySet<string>> {
  const names = new Set(["mod.ts", "errors.ts"]);
  for (const folder of FOLDERS.split("|")) {
    const entries = await readdir(join(ROOT, folder), { recursive: true });
    for (const entry of entries) names.add(posix.basename(entry));
  }
  return names;
}

/** Options whose default in the text differs from the code. */
function* wrongDefaults(text: string): Generator<string> {
  const check = function* (option: string, count: string, unit: string) {
    const stated = Number(count) * (UNITS[unit] ?? NaN);
    const actual = DEFAULTS.get(option);
    if (actual !== undefined && actual !== stated) {
      yield `${option} is ${actual}, not ${count} ${unit}`;
    }
  };
  const before = new RegExp(`${QUANTITY}[^\\n.;|\`]{0,8}\\s\\(\`([a-zA-Z]+\\.\\w+)\`\\)`, "g");
  for (const [, count = "", unit = "", option = ""] of text.matchAll(before)) {
    yield* check(option, count, unit);
  }
  const after = new RegExp(`\`([a-zA-Z]+\\.\\w+)\`(?:,\\s|\\s\\()${QUANTITY}`, "g");
  for (const [, option = "", count = "", unit = ""] of text.matchAll(after)) {
    yield* check(option, count, unit);
  }
}

/** The cells of each row of the table whose first heading is `heading`. */
function rowsOf(text: string, heading: string): string[][] {
  const start = text.indexOf(`\n| ${heading} `);
  assert.notEqual(start, -1, `there is no table with the heading ${heading}`);
  const table = text.slice(start + 1).split("\n\n")[0] ?? "";
  return table.trim().split("\n").slice(2).map((row) =>
    row.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

/** The value of a constant in a source file, if it is a product of numbers. */
function constantIn(source: string, name: string): number | undefined {
  const value = new RegExp(`\\b${name}\\b[^=\\n]*= ([\\d_ *]+);`).exec(source)?.[1];
  return value?.split("*").reduce(
    (product, factor) => product * Number(factor.replaceAll("_", "")),
    1,
  );
}

function quantitiesIn(text: string): number[] {
  return Array.from(
    text.matchAll(new RegExp(QUANTITY, "g")),
    ([, count = "", unit = ""]) => Number(count) * (UNITS[unit] ?? NaN),
  );
}

function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/`([\w.]+)`/g), ([, name = ""]) => name);
}

/** The string literals of a union type, or of its `kind` fields. */
function literalsOf(source: string, declaration: string): string[] {
  const body = source.slice(source.indexOf(declaration)).split(/;\n\n|;\n$/)[0] ?? "";
  const code = body.replace(/\/\*.*?\*\//gs, "");
  return Array.from(code.matchAll(/(?:kind: |\| )"([\w-]+)"/g), ([, name = ""]) => name);
}

test("Every relative link in a document points to an existing file and heading", async () => {
  assert.deepEqual(await faultsIn(brokenLinks), []);
});

test("Every document can be reached from the README by links", async () => {
  const paths = await documentPaths();
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    if (!path.endsWith(".md")) continue;
    for (const [, target = ""] of (await read(path)).matchAll(/\]\(([^)\s#]+)/g)) {
      if (/^\w+:/.test(target)) continue;
      const linked = posix.join(dirname(path), target);
      if (paths.includes(linked)) reached.add(linked);
      // A link to a folder points to its index.
      else if (paths.includes(`${linked}/README.md`)) reached.add(`${linked}/README.md`);
    }
  }
  // The page of the npm package.
  reached.add("npm/README.md");
  assert.deepEqual(paths.filter((path) => !reached.has(path)), []);
});

test("Every source file that a document names exists", async () => {
  const names = await sourceNames();
  assert.deepEqual(await faultsIn((text) => missingFiles(text, names)), []);
});

test("Every timing and limit that a document names exists and has the stated default", async () => {
  const options = /`(?:new Session\(\{ )?((?:timing|limits)\.\w+)`/g;
  const unknown = await faultsIn((text, path) =>
    path === "CHANGELOG.md" ? [] : Array.from(text.matchAll(options), ([, name = ""]) => name)
      .filter((name) => !DEFAULTS.has(name))
  );
  assert.deepEqual(unknown, []);
  assert.deepEqual(await faultsIn((text) => wrongDefaults(text)), []);
});

test("The limits in docs/reliability.md match the code, and none is missing", async () => {
  const rows = rowsOf(await read("docs/reliability.md"), "what");
  const listed = new Set<string>();
  for (const [what, value = "", option = ""] of rows) {
    const [name = ""] = namesIn(option);
    const actual = DEFAULTS.get(name);
    if (actual === undefined) continue;
    listed.add(name);
    const stated = quantitiesIn(value)[0] ?? Number.parseInt(value.replaceAll(",", ""));
    assert.equal(stated, actual, `${what}: ${name}`);
  }
  const limits = Array.from(DEFAULTS.keys()).filter((name) => !name.startsWith("timing."));
  assert.deepEqual(limits.filter((name) => !listed.has(name)), [], "limits that are not listed");
});

test("The times in docs/protocol.md match the code, and none is missing", async () => {
  const rows = rowsOf(await read("docs/protocol.md"), "constant");
  const listed = new Set<string>();
  for (const [what, value = "", , place = ""] of rows) {
    const stated = quantitiesIn(value);
    const [file] = place.match(PATH) ?? [];
    for (const [index, name] of namesIn(place).entries()) {
      if (DEFAULTS.has(`timing.${name}`)) {
        listed.add(name);
        assert.equal(stated[index], DEFAULTS.get(`timing.${name}`), `${what}: ${name}`);
      } else if (/^[A-Z_]+$/.test(name)) {
        assert.ok(file, `${name} has no file`);
        const source = await read(file);
        assert.match(source, new RegExp(`\\b${name}\\b`), `${file} has no ${name}`);
        const actual = constantIn(source, name);
        const number = stated[0] ?? Number.parseInt(value);
        if (actual !== undefined) assert.equal(number, actual, `${what}: ${name}`);
      }
    }
  }
  const missing = Object.keys(DEFAULT_TIMING).filter((name) => !listed.has(name));
  assert.deepEqual(missing, [], "times that are not listed");
});

test("Numbers quoted in documents match their constants", async () => {
  for (const { document, phrase, file, constant } of QUOTED) {
    const text = (await read(document)).replace(/\s+/g, " ");
    assert.ok(text.includes(phrase), `${document} no longer says: ${phrase}`);
    const stated = quantitiesIn(phrase)[0] ?? Number(/\d+/.exec(phrase.replaceAll(",", ""))?.[0]);
    assert.equal(stated, constantIn(await read(file), constant), `${phrase}: ${constant}`);
  }
});

test("Every deno task that a document names exists", async () => {
  const config: unknown = JSON.parse(await read("deno.json"));
  assert.ok(typeof config === "object" && config !== null && "tasks" in config);
  const { tasks } = config;
  assert.ok(typeof tasks === "object" && tasks !== null);
  const names = new Set(Object.keys(tasks));
  const unknown = await faultsIn((text) =>
    Array.from(text.matchAll(/deno task ([\w:]+)/g), ([, name = ""]) => name)
      .filter((name) => !names.has(name))
  );
  assert.deepEqual(unknown, []);
});

test("A new message type takes at most six places, and the recipe names a file for each", async () => {
  const recipe = await read("docs/recipes/add_a_message_type.md");
  const places = recipe.split(/^\d+\. /m).slice(1).map((place) => place.split("\n\n")[0] ?? "");
  assert.ok(places.length > 0 && places.length <= 6, `${places.length} places`);
  for (const place of places) {
    const [file] = place.match(PATH) ?? [];
    assert.ok(file && await exists(file), place);
  }
});

test("docs/metrics.md lists exactly the events, instruments and spans of the code", async () => {
  const document = await read("docs/metrics.md");
  const firstCells = (heading: string) =>
    rowsOf(document, heading).flatMap(([cell = ""]) => namesIn(cell)).sort();

  const events = await read("session/reporting/events.ts");
  const map = events.slice(events.indexOf("interface SessionEventMap")).split("\n}")[0] ?? "";
  const eventNames = Array.from(map.matchAll(/^ {2}(\w+): /gm), ([, name = ""]) => name);
  assert.deepEqual(firstCells("event"), eventNames.sort());

  const metrics = await read("session/reporting/metrics.ts");
  const instruments = metrics.matchAll(/(counter|histogram)\(\s*"([\w.]+)"/g);
  const kinds = new Map(Array.from(instruments, ([, kind = "", name = ""]) => [name, kind]));
  assert.deepEqual(firstCells("instrument"), Array.from(kinds.keys()).sort());
  for (const [name = "", kind = ""] of rowsOf(document, "instrument")) {
    const [instrument = ""] = namesIn(name);
    assert.ok(kind.startsWith(kinds.get(instrument) ?? "missing"), `${name} is a ${kind}`);
  }

  const spans = (await read("session/discovery/discovery.ts")) +
    (await read("session/session_connection.ts"));
  const spanNames = Array.from(spans.matchAll(/traced\("([\w.]+)"/g), ([, name = ""]) => name);
  assert.deepEqual(firstCells("span"), spanNames.sort());
});

test("docs/metrics.md lists exactly the drop reasons and connection ends of the code", async () => {
  const rows = new Map(
    rowsOf(await read("docs/metrics.md"), "instrument")
      .map(([name = "", , attributes = ""]) => [namesIn(name)[0], attributes]),
  );
  const valuesOf = (instrument: string) => rows.get(instrument)?.split(": ")[1]?.split(", ").sort();
  const reasons = literalsOf(await read("session/reporting/events.ts"), "type DropReason");
  assert.deepEqual(valuesOf("acs.message.dropped"), reasons.sort());
  const ends = [
    ...literalsOf(await read("wsclient/transport.ts"), "type TransportEnd"),
    ...literalsOf(await read("wsclient/connection_end.ts"), "type ConnectionEnd"),
    ...literalsOf(
      await read("session/session_connection_end.ts"),
      "type SessionConnectionEnd",
    ),
  ];
  assert.deepEqual(valuesOf("acs.disconnect"), ends.sort());
});

test("CHANGELOG.md has no duplicate headings or entries, and a single table", async () => {
  const text = await read("CHANGELOG.md");
  const lines = text.split("\n").filter((line) => /^(#|- )/.test(line));
  assert.deepEqual(lines.filter((line, index) => lines.indexOf(line) !== index), []);
  assert.equal(text.match(/^\| -+ *\|/gm)?.length, 1);
  assert.equal(text.match(/\n\n\|/g)?.length, 1);
});

test("A broken link, a missing file and a wrong default are detected", async () => {
  const links = "[a](architecture.md#folders) [b](none.md) [c](architecture.md#none)";
  assert.equal((await brokenLinks(links, "docs/protocol.md")).length, 2);
  const files = "session/options.ts, `session/none.ts`, `none.ts`, `options.ts`";
  assert.deepEqual(await missingFiles(files, new Set(["options.ts"])), [
    "session/none.ts",
    "none.ts",
  ]);
  const defaults = "for 4 min (`timing.writeTimeoutMs`); `timing.laneStuckMs` (1 min)," +
    " `limits.maxHeldBytes`, 1 MiB by default";
  assert.equal(Array.from(wrongDefaults(defaults)).length, 2);
});
