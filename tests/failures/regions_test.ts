import assert from "node:assert/strict";
import { isKnownRegion, regionOfHost, suggestRegion } from "../../failures/regions.ts";
import { isExisting, REGIONS } from "../testing/regions.ts";
import { test } from "../testing/test.ts";

test("For a misspelled region, the most similar one is suggested, but not for a valid or a very different one", () => {
  assert.equal(suggestRegion("us-wset-2"), "us-west-2");
  assert.equal(suggestRegion("eu-central1"), "eu-central-1");
  assert.equal(suggestRegion("us-west-2"), undefined);
  assert.equal(suggestRegion("the-moon"), undefined);
});

test("The suggested regions are those that the AWS SDK knows", () => {
  const names = REGIONS.map(({ region }) => region);
  assert.deepEqual(names.filter(isKnownRegion), names.filter(isExisting));
});

test("The region in the name of an ECS endpoint is found, even with FIPS and dual stack", () => {
  assert.equal(regionOfHost("ecs.us-west-2.amazonaws.com"), "us-west-2");
  assert.equal(regionOfHost("ecs-fips.us-gov-west-1.amazonaws.com"), "us-gov-west-1");
  assert.equal(regionOfHost("ecs.eu-west-1.api.aws"), "eu-west-1");
  assert.equal(regionOfHost("ecs-a-3.us-west-2.amazonaws.com"), "us-west-2");
  assert.equal(regionOfHost("proxy.example"), undefined);
});
