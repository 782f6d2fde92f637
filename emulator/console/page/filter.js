/**
 * The filter of the timeline: words that a row must contain, `field:value`, and `-word` to exclude
 * rows.
 *
 * @module
 */

/** @typedef {import("./entry.js").Row} Row */

/** @type {Record<string, (row: Row) => string>} */
const FIELDS = {
  agent: ({ entry }) => entry.containerInstanceArn ?? "",
  connection: ({ entry }) => String(entry.connectionId ?? ""),
  event: ({ entry }) => entry.event,
  fault: ({ entry }) => entry.fault ?? "",
  id: ({ entry }) => entry.messageId ?? "",
  request: ({ entry }) => entry.request ?? "",
  status: ({ entry }) => String(entry.status ?? ""),
  task: ({ entry }) => entry.taskArn ?? "",
  type: ({ entry, answer }) => `${entry.type ?? ""} ${answer?.entry.type ?? ""}`,
};

/** The names of the fields. */
export const FILTER_FIELDS = Object.keys(FIELDS);

/**
 * Returns a function that decides whether a row is shown.
 *
 * @param {string} words
 * @param {boolean} hideHeartbeats
 * @returns {(row: Row) => boolean}
 */
export function filterFor(words, hideHeartbeats) {
  const tests = words.toLowerCase().split(/\s+/).filter((word) => word !== "" && word !== "-")
    .map(testFor);
  return (row) => {
    if (hideHeartbeats && row.heartbeat) return false;
    // An answer also appears in the row of its message.
    if (row.question?.answer === row) return false;
    return tests.every((test) => test(row));
  };
}

/**
 * @param {string} word
 * @returns {(row: Row) => boolean}
 */
function testFor(word) {
  if (word.startsWith("-")) {
    const test = testFor(word.slice(1));
    return (row) => !test(row);
  }
  const colon = word.indexOf(":");
  const field = FIELDS[word.slice(0, colon)];
  const value = word.slice(colon + 1);
  if (colon > 0 && field !== undefined) {
    return (row) => field(row).toLowerCase().includes(value);
  }
  return ({ text, answer }) => text.includes(word) || (answer?.text.includes(word) ?? false);
}
