import assert from "node:assert/strict";
import { ResponseHead } from "../../../cli/record/response_head.ts";
import { test } from "../../testing/test.ts";

/** The body that is recorded for a response which arrives in pieces of a few bytes. */
function bodyOf(response: string, maxBytes = 100): string {
  const head = new ResponseHead(maxBytes);
  const bytes = new TextEncoder().encode(response);
  for (let at = 0; at < bytes.byteLength; at += 7) head.push(bytes.subarray(at, at + 7));
  assert.equal(head.status, 503);
  return new TextDecoder().decode(head.body);
}

test("The body of a refusal is recorded without the lines between its chunks", () => {
  const head = "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: Chunked\r\n\r\n";

  assert.equal(bodyOf(`${head}5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n`), "hello world");
  assert.equal(bodyOf(`${head}ff\r\ncut o`), "cut o");
  assert.equal(bodyOf(`${head}not a size\r\nhello`), "");
  assert.equal(bodyOf(`${head}5\r\nhello\r\n6\r\n world\r\n`, 12), "hello");
});

test("The body of a refusal without chunks is recorded as it is, up to the limit", () => {
  const head = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\n";

  assert.equal(bodyOf(`${head}5\r\nhello\r`), "5\r\nhello\r");
  assert.equal(bodyOf(`${head}5\r\nhello\r`, 4), "5\r\nh");
});
