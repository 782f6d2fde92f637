/**
 * The types of the ECS API's operations, all derived from the generated table of inputs.
 *
 * @module
 */

import type { FieldShape, StructureShape } from "../../protocol/shapes.ts";
import type { API_INPUTS, ApiOperation } from "./api_inputs.gen.ts";

export type { ApiOperation };

/** The values of a shape, without nulls. Any field may be missing. */
export type ValueOf<S> = S extends "string" ? string
  : S extends "integer" | "double" ? number
  : S extends "boolean" ? boolean
  : S extends "map" ? Readonly<Record<string, string>>
  : S extends readonly [infer E extends FieldShape] ? readonly ValueOf<E>[]
  : S extends StructureShape ? { readonly [F in keyof S]?: ValueOf<S[F]> }
  : never;

/** The input of an operation. */
export type ApiInput<N extends ApiOperation> = ValueOf<(typeof API_INPUTS)[N]["input"]>;

/** The endpoints of an agent. */
export interface AgentEndpoints {
  /** Of ACS; `undefined` for an answer without it. */
  readonly endpoint: string | undefined;
  /** Of TCS. */
  readonly telemetryEndpoint: string;
}

/** A call, apart from its input. */
export interface ApiCall {
  /** The endpoints that an agent discovers by it. */
  readonly endpoints: AgentEndpoints;
}

/** Operations, each a function from its input to its answer; it may throw an `EcsApiError`. */
export type ApiHandlers<N extends ApiOperation> = {
  readonly [K in N]: (input: ApiInput<K>, call: ApiCall) => object;
};
