import { partition } from "@aws-sdk/util-endpoints";
import assert from "node:assert/strict";
import { ecsEndpoint } from "../../../session/discovery/ecs_endpoint.ts";
import { isExisting, REGIONS, STARTS } from "../../testing/regions.ts";
import { test } from "../../testing/test.ts";

const VARIANTS = [
  { useFipsEndpoint: false, useDualstackEndpoint: false },
  { useFipsEndpoint: true, useDualstackEndpoint: false },
  { useFipsEndpoint: false, useDualstackEndpoint: true },
  { useFipsEndpoint: true, useDualstackEndpoint: true },
];

/** The result according to the AWS SDK's own data. */
function expectedEndpoint(region: string, options: (typeof VARIANTS)[number]): string {
  const { dnsSuffix, dualStackDnsSuffix } = partition(region);
  const service = options.useFipsEndpoint ? "ecs-fips" : "ecs";
  return `https://${service}.${region}.${
    options.useDualstackEndpoint ? dualStackDnsSuffix : dnsSuffix
  }/`;
}

for (const name of Object.keys(STARTS)) {
  test(`The ECS API of every region of partition ${name}, existing or future, is where the AWS SDK looks for it`, () => {
    const regions = REGIONS.filter((each) => each.name === name);
    const existing = regions.filter(({ region }) => isExisting(region));
    assert.ok(existing.length > 0);
    for (const { region } of regions) {
      assert.equal(partition(region).name, name);
      for (const options of VARIANTS) {
        assert.equal(ecsEndpoint(region, options), expectedEndpoint(region, options));
      }
      assert.equal(ecsEndpoint(region), ecsEndpoint(region, VARIANTS[0]));
    }
  });
}

test("The regions made up here include the 48 that exist", () => {
  // The data lists seven more, such as aws-cn-global: pseudo-regions for services without regions.
  const existing = REGIONS.filter(({ region }) => isExisting(region));
  assert.equal(existing.length, 48);
});

test("A region that no partition matches is treated as part of partition aws, as the AWS SDK does", () => {
  for (const region of ["local", "us", "us-west", "xx-later-1", "us-gov-west", "eusc-fr-west-1"]) {
    for (const options of VARIANTS) {
      assert.equal(ecsEndpoint(region, options), expectedEndpoint(region, options));
    }
  }
});

test("The address has the familiar form", () => {
  assert.equal(ecsEndpoint("us-west-2"), "https://ecs.us-west-2.amazonaws.com/");
  assert.equal(ecsEndpoint("cn-north-1"), "https://ecs.cn-north-1.amazonaws.com.cn/");
  assert.equal(
    ecsEndpoint("us-gov-west-1", { useFipsEndpoint: true }),
    "https://ecs-fips.us-gov-west-1.amazonaws.com/",
  );
  assert.equal(
    ecsEndpoint("eu-west-1", { useDualstackEndpoint: true }),
    "https://ecs.eu-west-1.api.aws/",
  );
});

test("A misspelled option of ecsEndpoint is refused, not ignored", () => {
  const options: object = { useFIPSEndpoints: true };
  assert.throws(() => ecsEndpoint("us-west-2", options), {
    name: "RangeError",
    message: "There is no option useFIPSEndpoints; did you mean useFipsEndpoint?",
  });
});
