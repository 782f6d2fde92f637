/**
 * Finds phrases that were translated literally and that no native speaker would write here.
 *
 * @module
 */

import assert from "node:assert/strict";
import { extname, join } from "node:path";
import { run } from "../../scripts/npm/command.ts";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { test } from "../testing/test.ts";

/** Each phrase with what to write instead. */
const PHRASES: readonly (readonly [phrase: string, instead: string])[] = [
  [String.raw`(?:is|are|was|were|be|been) told`, "is notified of, gets, is called with"],
  [String.raw`told (?:as|by|what|why|in words)`, "reported as, identified by"],
  [String.raw`tells? (?:what|why|whether|of|nothing|each)`, "says, reports, logs"],
  ["mend(?:s|ed|ing)?", "fix, repair"],
  ["anew", "again"],
  ["for ever", "forever, indefinitely"],
  ["(?<!time )of (?:no |any )?use(?: to| any more|[.,:;])", "useful, useless"],
  ["in so many (?:ms|turns)|after so many|so many (?:ms|bytes|characters)", "this many"],
  [String.raw`beside(?! (?:the point))`, "besides, in addition to, next to"],
  ["whoever", "the caller, the peer"],
  ["lets? go of", "releases"],
  ["(?:comes?|came) again", "is redelivered, reconnects"],
  ["what waits|what is left over|what came", "queued messages, the rest"],
  ["Ours: |, ours(?=[.:;])", "Our choice; not in the reference"],
  ["some (?:ten|twenty|hundred|thousand)s?", "about ten, a few hundred"],
  ["(?:is|are) at work", "is running"],
  ["the idle limit|the write deadline|longest life", "timeout, maximum lifetime"],
  ["goes on (?:and|until|with|when|although|for)", "continues"],
  ["for the case that", "in case"],
  ["because of which", "that causes, for which"],
  ["as a part of", "as part of"],
  ["cannot take", "cannot handle, cannot accept"],
  ["in other case", "in a different case"],
  ["reads on", "continues reading"],
  ["at once", "immediately, simultaneously, per call"],
  ["(?:is|are) forgotten first|forgets the oldest", "is dropped first"],
  ["(?:signed|sent|started) again", "re-signed, resent, restarted"],
  ["in words", "as text, explained"],
  ["(?<!factor )by which", "that … uses, with which"],
];

const PATTERN = new RegExp(
  String.raw`(?<![\w-])(?:${PHRASES.map(([phrase]) => `(${phrase})`).join("|")})(?![\w-])`,
  "gi",
);

/** Files that contain sentences. */
const EXTENSIONS: readonly string[] = [".ts", ".js", ".html", ".md", ".jsonl", ".py", ".go"];

/** This file quotes the phrases. */
const EXCLUDED = new Set(["tests/repository/english_test.ts"]);

/** The phrases in a text, each with its surroundings and a suggestion. */
function phrasesIn(text: string): string[] {
  // Comments are wrapped, so a phrase may continue on the next line.
  const unwrapped = text.replace(/\n[ \t]*(?:\*|\/\/)?[ \t]*/g, " ");
  return [...unwrapped.matchAll(PATTERN)].map((match) => {
    const index = match.slice(1).findIndex((group) => group !== undefined);
    const around = unwrapped.slice(Math.max(0, match.index - 30), match.index + 40);
    return `"…${around}…": write "${PHRASES[index]?.[1]}" or the like`;
  });
}

/** The text of each file, by its path. */
async function readTexts(): Promise<ReadonlyMap<string, string>> {
  const listed = await run("git", [
    "ls-files",
    "-z",
    ...EXTENSIONS.map((extension) => `*${extension}`),
  ], { cwd: ROOT });
  const paths = listed.split("\0")
    .filter((path) => EXTENSIONS.includes(extname(path)))
    .filter((path) => !path.endsWith(".gen.ts") && !EXCLUDED.has(path));
  assert.ok(paths.length > 300, "the files could not be listed");
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path, await Deno.readTextFile(join(ROOT, path))] as const),
    ),
  );
}

test("No comment, document, title or message contains a phrase that was translated literally", async () => {
  const found = [...await readTexts()].flatMap(([path, text]) =>
    phrasesIn(text).map((phrase) => `${path}: ${phrase}`)
  );
  assert.deepEqual(found, []);
});

/** A line of a documentation comment that another line was joined to. */
const JOINED_LINE =
  /^[ \t]*(?:\/\*)?\* .*(?: \*$|\. (?:\* )?@(?:param|returns|throws|property|default|example|module)\b.*$)/gm;

test("No documentation comment contains an asterisk or a tag that was on a separate line", async () => {
  const found = [...await readTexts()].filter(([path]) => /\.[jt]s$/.test(path)).flatMap(
    ([path, text]) => [...text.matchAll(JOINED_LINE)].map(([line]) => `${path}: ${line.trim()}`),
  );
  assert.deepEqual(found, []);
});

test("A phrase is found across a line break of a comment, and not within another word", () => {
  const [found = ""] = phrasesIn("/**\n * The listener is\n * told each frame.\n */");
  assert.match(found, /is told.*write "is notified/);
  assert.deepEqual(phrasesIn("It is recommended besides, and the amendment is untold."), []);
});
