import assert from "node:assert/strict";
import { parseContainerInstanceArn, resolveRunSettings } from "../../cli/run_settings.ts";
import { test } from "../testing/test.ts";

const ARN = "arn:aws:ecs:eu-west-1:123456789012:container-instance/prod/0123456789abcdef";
const OLD_ARN = "arn:aws:ecs:eu-west-1:123456789012:container-instance/0123456789abcdef";

test("Region and cluster come from the ARN unless set otherwise", () => {
  const { region, cluster, endpoint } = resolveRunSettings({ containerInstanceArn: ARN }, {});
  assert.deepEqual(region, { value: "eu-west-1", source: "the ARN" });
  assert.deepEqual(cluster, { value: "prod", source: "the ARN" });
  assert.equal(endpoint, undefined);
});

test("A flag takes precedence over a variable, and the first variable that is not empty over the next", () => {
  const { region, containerInstanceArn, endpoint } = resolveRunSettings({ region: "eu-west-1" }, {
    AWS_REGION: "us-east-1",
    ACS_CONTAINER_INSTANCE_ARN: ARN,
    AWS_ENDPOINT_URL_ECS: "",
    AWS_ENDPOINT_URL: "http://127.0.0.1:4570",
  });
  assert.deepEqual(region, { value: "eu-west-1", source: "--region" });
  assert.deepEqual(containerInstanceArn, { value: ARN, source: "ACS_CONTAINER_INSTANCE_ARN" });
  assert.deepEqual(endpoint, { value: "http://127.0.0.1:4570", source: "AWS_ENDPOINT_URL" });
});

test('An ARN of the old form names no cluster: any is accepted, and the default is "default"', () => {
  const flags = { containerInstanceArn: OLD_ARN };
  assert.equal(resolveRunSettings(flags, {}).cluster.value, "default");
  assert.equal(resolveRunSettings({ ...flags, cluster: "dev" }, {}).cluster.value, "dev");
});

test("A cluster may be given by its ARN", () => {
  const cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";
  assert.equal(
    resolveRunSettings({ containerInstanceArn: ARN, cluster }, {}).cluster.value,
    cluster,
  );
});

for (
  const [what, flags, environment, complaint] of [
    ["no ARN", {}, {}, /give --container-instance-arn, or set ACS_CONTAINER_INSTANCE_ARN/],
    ["something other than an ARN", { containerInstanceArn: "i-0123" }, {}, /must be an ARN/],
    [
      "the ARN of a cluster",
      {},
      { ACS_CONTAINER_INSTANCE_ARN: "arn:aws:ecs:eu-west-1:123456789012:cluster/prod" },
      /^ACS_CONTAINER_INSTANCE_ARN must be the ARN of a container instance, such as arn:/,
    ],
    [
      "an ARN of another region",
      { containerInstanceArn: ARN },
      { AWS_REGION: "us-west-2" },
      /is in eu-west-1, as its ARN says, but AWS_REGION is us-west-2: use --region eu-west-1/,
    ],
    [
      "an ARN of another cluster",
      { containerInstanceArn: ARN, cluster: "dev" },
      {},
      /belongs to the cluster prod, as its ARN says, but --cluster is dev/,
    ],
    [
      "an invalid region",
      { containerInstanceArn: ARN, region: "EU_west" },
      {},
      /name of a region/,
    ],
  ] as const
) {
  test(`acs run refuses ${what} before it sends anything`, () => {
    assert.throws(() => resolveRunSettings(flags, environment), (error) => {
      assert.ok(error instanceof Error && "exitCode" in error);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, complaint);
      return true;
    });
  });
}

test("ARNs of container instances are distinguished from others", () => {
  assert.deepEqual(parseContainerInstanceArn(ARN), {
    region: "eu-west-1",
    cluster: "prod",
    id: "0123456789abcdef",
  });
  assert.equal(parseContainerInstanceArn(OLD_ARN)?.cluster, undefined);
  for (const other of [ARN.replace(":ecs:", ":ec2:"), `${ARN}/more`, "arn:aws:ecs:::x", ""]) {
    assert.equal(parseContainerInstanceArn(other), undefined);
  }
});
