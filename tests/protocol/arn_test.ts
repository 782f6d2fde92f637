import { validate } from "@aws-sdk/util-arn-parser";
import fc from "fast-check";
import { isArn } from "../../protocol/arn.ts";
import { test } from "../testing/test.ts";
import assert from "node:assert/strict";

test("An ARN is whatever AWS's own parser accepts as one", () => {
  const part = fc.oneof(
    fc.constantFrom("arn", "aws", "ecs", "", " ", "ARN", "task/a/b"),
    fc.string(),
  );
  const text = fc.array(part, { maxLength: 9 }).map((parts) => parts.join(":"));

  fc.assert(fc.property(text, (each) => assert.equal(isArn(each), validate(each))));
  assert.equal(isArn("arn:aws:ecs:us-west-2:123456789012:cluster/default"), true);
  assert.equal(isArn("arn:aws:ecs:us-west-2:123456789012"), false);
});
