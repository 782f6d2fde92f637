/**
 * The table of shapes in two other forms: as a JSON Schema, so that an independent validator can
 * confirm the checks, and as a generator of messages.
 *
 * @module
 */

import fc from "fast-check";
import type { FieldShape, StructureShape } from "../../protocol/shapes.ts";

/** Whether a shape is a list. */
export function isListShape(shape: FieldShape): shape is readonly [FieldShape] {
  return Array.isArray(shape);
}

/** Whether a shape is a structure. */
export function isStructureShape(shape: FieldShape): shape is StructureShape {
  return typeof shape === "object" && !isListShape(shape);
}

/** A JSON Schema equivalent to `shape`. Only a whole message must not be null. */
export function jsonSchemaOf(shape: FieldShape, top = true): Record<string, unknown> {
  const typed = (type: string, more = {}) => ({ type: top ? type : [type, "null"], ...more });
  if (isListShape(shape)) return typed("array", { items: jsonSchemaOf(shape[0], false) });
  if (isStructureShape(shape)) {
    const properties = Object.entries(shape).map(([name, field]) => [
      name,
      jsonSchemaOf(field, false),
    ]);
    return typed("object", { properties: Object.fromEntries(properties) });
  }
  if (shape === "integer") return typed("integer", { minimum: -(2 ** 63), maximum: 2 ** 63 });
  if (shape === "double") {
    return typed("number", { minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE });
  }
  if (shape === "map") {
    return typed("object", { additionalProperties: { type: ["string", "null"] } });
  }
  return typed(shape);
}

/** Values that match `shape`: with fields missing or null, unknown fields, and odd keys in maps. */
export function messagesOf(shape: FieldShape, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  if (isListShape(shape)) return fc.array(orNull(messagesOf(shape[0], text)), { maxLength: 2 });
  if (isStructureShape(shape)) {
    const fields = Object.entries(shape).map(([name, field]) => [
      name,
      orNull(messagesOf(field, text)),
    ]);
    const known = fc.record<Record<string, unknown>>(Object.fromEntries(fields), {
      requiredKeys: [],
    });
    const unknown = fc.dictionary(text, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 1 });
    return fc.tuple(unknown, known).map((parts) => Object.assign({}, ...parts));
  }
  switch (shape) {
    case "string":
      return text;
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constant(2 ** 63));
    case "double":
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case "map":
      return fc.dictionary(
        fc.oneof(text, fc.constantFrom("constructor", "toString", "hasOwnProperty")),
        orNull(text),
        { maxKeys: 3 },
      );
  }
  return shape;
}

function orNull(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.option(values, { freq: 8 });
}
