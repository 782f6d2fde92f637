import { validate } from "@aws-sdk/util-arn-parser";
import fc from "fast-check";
import {
  clusterArn,
  clusterName,
  ecsLocation,
  isArn,
  isClusterArn,
  isContainerInstanceArn,
} from "../../protocol/arn.ts";
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

const account = "arn:aws-cn:ecs:cn-north-1:123456789012";

test("The ARN of an ECS resource names its account and, in the longer form, its cluster", () => {
  const cases: readonly [string, string | undefined][] = [
    [`${account}:cluster/blue`, "blue"],
    [`${account}:container-instance/blue/0f0f`, "blue"],
    [`${account}:container-instance/0f0f`, undefined],
    [`${account}:task/blue/0f0f`, "blue"],
    [`${account}:service/blue/web/1`, "blue"],
  ];
  for (const [arn, cluster] of cases) assert.deepEqual(ecsLocation(arn), { account, cluster }, arn);
});

test("A cluster can be given by its name or its ARN", () => {
  const arn = `${account}:cluster/blue`;
  for (const nameOrArn of ["blue", arn]) {
    assert.equal(clusterName(nameOrArn), "blue");
    assert.equal(clusterArn(nameOrArn, account), arn);
  }
});

test("The ARNs of clusters and of container instances are distinguished", () => {
  const cluster = `${account}:cluster/blue`;
  const instances = [`${account}:container-instance/blue/0f0f`, `${account}:container-instance/0f`];
  assert.ok(isClusterArn(cluster) && !isContainerInstanceArn(cluster));
  for (const arn of instances) assert.ok(isContainerInstanceArn(arn) && !isClusterArn(arn), arn);

  const others = [
    "blue",
    `${account}:cluster/`,
    `${account}:cluster/a/b`,
    `${account}:container-instance/`,
    `${account}:task/blue/0f0f`,
    "arn:aws:ec2:us-west-2:123456789012:cluster/blue",
    "arn:aws:ecs::123456789012:cluster/blue",
  ];
  for (const text of others) assert.ok(!isClusterArn(text) && !isContainerInstanceArn(text), text);
});
