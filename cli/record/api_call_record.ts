/**
 * Converts a call to the ECS API to an entry of a trace.
 *
 * @module
 */

import type { EntryFields } from "../../emulator/acs/describe_event.ts";
import { redactedInput } from "../../emulator/api/redacted_input.ts";
import type { EmulatorEventType } from "../../emulator/events.ts";
import { isJsonObject, parseJsonObject } from "../../internal/json.ts";
import { oneLine } from "../../internal/one_line.ts";
import { redactBody } from "../../internal/redaction/redact_body.ts";

/** A call and its response. */
export interface AnsweredCall {
  /** The operation. */
  readonly operation: string;
  /** The request's body. */
  readonly input: Uint8Array;
  /** The response's HTTP status. */
  readonly status: number;
  /** The response's `x-amzn-errortype` header. */
  readonly errorType: string;
  /** The response's body. */
  readonly output: Uint8Array;
  /** What must not be recorded. */
  readonly secrets: readonly string[];
}

/** Creates the entry for a call. */
export function describeAnsweredCall(
  call: AnsweredCall,
): { readonly event: EmulatorEventType; readonly fields: EntryFields } {
  const { operation, status } = call;
  const input = parseBody(call.input);
  const output = parseBody(call.output);
  const containerInstanceArn = textIn(output?.containerInstance, "containerInstanceArn") ??
    textIn(input, "containerInstance") ?? textIn(input, "containerInstanceArn");
  if (status !== 200) {
    const refused = describeRefusal(call.output, call);
    return { event: "refused", fields: { request: operation, containerInstanceArn, ...refused } };
  }
  if (operation === "DiscoverPollEndpoint") {
    return { event: "discovered", fields: { containerInstanceArn: containerInstanceArn ?? "" } };
  }
  return {
    event: "apiCall",
    fields: {
      request: operation,
      containerInstanceArn,
      taskArn: textIn(input, "task"),
      message: redactedInput(operation, input),
    },
  };
}

/** The parts of a response that describe a refusal. */
interface RefusingAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The `x-amzn-errortype` header. */
  readonly errorType: string;
  /** What must not be recorded. */
  readonly secrets: readonly string[];
}

/** Returns the fields of an entry about a refusal. */
export function describeRefusal(
  body: Uint8Array,
  { status, errorType, secrets }: RefusingAnswer,
): EntryFields {
  const parsed = parseBody(body);
  const inner = isJsonObject(parsed?.message) ? parsed.message : parsed;
  const [bare] = parsed === undefined ? [] : Object.entries(parsed);
  const named = [parsed?.__type, errorType, parsed?.type]
    .map(exceptionName).find((name) => name !== "");
  const text = textIn(inner, "message") ?? textIn(inner, "Message");
  const isBare = named === undefined && /Exception$/.test(bare?.[0] ?? "");
  return {
    status,
    exception: isBare ? bare?.[0] : named ?? "",
    reason: oneLine(
      redactBody(
        status,
        text ?? (isBare ? String(bare?.[1]) : new TextDecoder().decode(body)),
        secrets,
      ),
    ),
  };
}

/** An exception's name without the namespace before it and the URL after it. */
function exceptionName(type: unknown): string {
  if (typeof type !== "string") return "";
  return oneLine(type.replace(/[,:].*$/s, "").replace(/^.*#/s, ""), 100);
}

function parseBody(body: Uint8Array): Record<string, unknown> | undefined {
  return parseJsonObject(new TextDecoder().decode(body));
}

function textIn(value: unknown, name: string): string | undefined {
  const field = isJsonObject(value) ? value[name] : undefined;
  return typeof field === "string" ? field : undefined;
}
