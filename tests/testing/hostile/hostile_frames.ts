/**
 * Frames from a peer that is broken, of another version, or hostile.
 *
 * @module
 */

import fc from "fast-check";
import { RECEIVED_MESSAGE_TYPES } from "../../../protocol/message_types.ts";
import { SAMPLES } from "../../protocol/samples.ts";
import { COSTLY_MESSAGES, COSTLY_TEXTS } from "./costly_messages.ts";
import { ARNS } from "../fakes/session_stage.ts";

/** One valid message of each type: the acknowledged types have all required fields. */
export const VALID_MESSAGES: Readonly<Record<string, object>> = {
  ...SAMPLES,
  ConfirmAttachmentMessage: {
    ...ARNS,
    messageId: "confirm",
    waitTimeoutMs: 1000,
    attachment: {
      attachmentArn: "arn:aws:ecs:us-west-2:111122223333:attachment/c",
      attachmentType: "amazonebs",
      attachmentProperties: [
        ["volumeId", "vol-1"],
        ["volumeSizeGib", "10"],
        ["deviceName", "/dev/xvdb"],
        ["sourceVolumeHostPath", "/mnt/1"],
        ["volumeName", "data"],
      ].map(([name, value]) => ({ name, value })),
    },
  },
};

/** Texts that are keys of every object, or that careless code misinterprets. */
const ODD_TEXTS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "\u0000"];

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom(...ODD_TEXTS, "", " ", "arn:aws:ecs:us-west-2:1:a/b", "default", "vlan"),
);

/** JSON values that a field may have instead of its own. */
const written = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("null", "true", "false", '""', "[]", "{}", "0", "-1") },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...["9007199254740993", "-9007199254740993", "9223372036854775807", "9223372036854775808"],
      ...["18446744073709551616", "1e308", "1e400", "-1e400", "0.1", "-0", "1e-400"],
      ...['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}'],
      ...["[[[[[[[[[[]]]]]]]]]]", "[null,null]", '"\\ud800"', '"9007199254740993"'],
    ),
  },
  { weight: 3, arbitrary: text.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...COSTLY_TEXTS), fc.integer({ min: 1, max: 200 }))
      .map(([{ make }, size]) => JSON.stringify(make(size))),
  },
);

/** A real message, unchanged except for a new id. */
interface Real {
  readonly type: string;
  readonly text: string;
}

let drawn = 0;

const real: fc.Arbitrary<Real> = fc.constantFrom(...RECEIVED_MESSAGE_TYPES).map((type) => {
  const message = { ...VALID_MESSAGES[type], messageId: `fuzz-${++drawn}` };
  return { type, text: JSON.stringify({ type, message }) };
});

/**
 * A real message with one thing in it broken. Works on the text, so that the result may not be
 * JSON.
 */
const broken = fc.record({ real, at: fc.nat(), value: written, how: fc.nat(6) })
  .map(({ real, at, value, how }) => {
    const { text } = real;
    const place = at % (text.length + 1);
    switch (how) {
      case 0:
        return replaceValue(text, at, value);
      case 1:
        return insertField(text, at, '"__proto__"', value);
      case 2:
        return insertField(text, at, '"constructor"', value);
      case 3:
        return renameField(text, at);
      case 4:
        return text.slice(0, place);
      case 5:
        return text.slice(0, place) + text.slice(place + 1);
      default:
        return text.slice(0, place) + value + text.slice(place);
    }
  });

function nth(text: string, pattern: RegExp, at: number): RegExpExecArray | undefined {
  const found = [...text.matchAll(pattern)];
  return found[at % Math.max(1, found.length)];
}

/** Puts another value in place of a scalar. */
function replaceValue(text: string, at: number, value: string): string {
  const match = nth(text, /:("(?:[^"\\]|\\.)*"|true|false|null|-?\d[\d.eE+-]*)/g, at);
  if (match === undefined) return text;
  return `${text.slice(0, match.index)}:${value}${text.slice(match.index + match[0].length)}`;
}

function insertField(text: string, at: number, key: string, value: string): string {
  const match = nth(text, /\{(?!\})/g, at);
  if (match === undefined) return text;
  return `${text.slice(0, match.index)}{${key}:${value},${text.slice(match.index + 1)}`;
}

function renameField(text: string, at: number): string {
  const match = nth(text, /"(\w+)":/g, at);
  if (match === undefined) return text;
  const name = ODD_TEXTS[at % ODD_TEXTS.length] ?? "";
  return `${text.slice(0, match.index)}${JSON.stringify(name)}:${
    text.slice(match.index + match[0].length)
  }`;
}

const envelope = fc.record({
  type: fc.oneof(fc.constantFrom<unknown>(...RECEIVED_MESSAGE_TYPES, ...ODD_TEXTS, null, 5), text),
  message: fc.jsonValue({ maxDepth: 2 }),
}, { requiredKeys: [] }).map((frame) => JSON.stringify(frame));

const bareForm = fc.tuple(fc.oneof(fc.constantFrom(...RECEIVED_MESSAGE_TYPES), text), written)
  .map(([name, value]) => `{${JSON.stringify(name)}:${value}}`);

/** Any frame: half of them real messages with one thing broken. */
export const hostileFrame: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: broken },
  { weight: 2, arbitrary: real.map(({ text }) => text) },
  { weight: 1, arbitrary: broken.map((text) => new TextEncoder().encode(text)) },
  { weight: 2, arbitrary: envelope },
  { weight: 1, arbitrary: bareForm },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
);

/** 100,000 levels of nested lists or objects. */
const DEPTH = 100_000;

/** The length of each costly message, in characters: there are a hundred of them. */
const COSTLY_LENGTH = 1_000_000;

/** Yields frames, each as large, as deeply nested or as costly as a frame can be. */
export function* enormousFrames(): Iterable<string | Uint8Array> {
  for (const [index, { make }] of COSTLY_MESSAGES.entries()) {
    yield make(COSTLY_LENGTH, `costly-${index}`);
  }
  const largeText = "x".repeat(4_000_000);
  const lists = "[".repeat(DEPTH) + "]".repeat(DEPTH);
  const objects = '{"a":'.repeat(DEPTH) + "0" + "}".repeat(DEPTH);
  yield* [
    largeText,
    JSON.stringify(largeText),
    JSON.stringify({ [largeText]: "text" }),
    JSON.stringify({ type: largeText, message: {} }),
    new Uint8Array(4_000_000).fill(0x5b),
    new TextEncoder().encode(`{"type":"HeartbeatMessage","message":{"more":"${largeText}"}}`),
    "[".repeat(DEPTH),
    lists,
    objects,
    '{"__proto__":'.repeat(DEPTH) + "0" + "}".repeat(DEPTH),
  ];
  for (const type of RECEIVED_MESSAGE_TYPES) {
    const message = { ...VALID_MESSAGES[type], messageId: "enormous" };
    const withField = (field: string) =>
      `{"type":"${type}","message":{${field},${JSON.stringify(message).slice(1)}}`;
    yield JSON.stringify({ type, message: { ...message, messageId: largeText } });
    yield withField(`"unknown":${lists}`);
    yield withField(`"message":${objects}`);
    yield withField(`"message":"${largeText}"`);
    yield JSON.stringify({ type, message }).replace(
      '"messageId":"enormous"',
      `"messageId":${lists}`,
    );
  }
  const environment = JSON.stringify({ A: largeText });
  const manyFields = JSON.stringify(
    Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`name-${index}`, "a value"])),
  );
  for (const value of [environment, manyFields]) {
    yield `{"type":"PayloadMessage","message":{"messageId":"env","clusterArn":"c",` +
      `"containerInstanceArn":"i","tasks":[{"containers":[{"environment":${value}}]}]}}`;
  }
}
