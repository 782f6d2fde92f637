/**
 * The AWS regions that this version knows. AWS adds new ones every year, so a region that is
 * missing here is never refused: it is only a reason to suggest another one.
 *
 * @module
 */

import { nearestName } from "../internal/option_names.ts";

/** As `@aws-sdk/util-endpoints` lists them; a test compares. */
const REGIONS: ReadonlySet<string> = new Set([
  "af-south-1",
  "ap-east-1",
  "ap-east-2",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-south-2",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
  "ca-central-1",
  "ca-west-1",
  "cn-north-1",
  "cn-northwest-1",
  "eu-central-1",
  "eu-central-2",
  "eu-isoe-west-1",
  "eu-north-1",
  "eu-south-1",
  "eu-south-2",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "eusc-de-east-1",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "me-west-1",
  "mx-central-1",
  "sa-east-1",
  "sa-west-1",
  "us-east-1",
  "us-east-2",
  "us-gov-east-1",
  "us-gov-west-1",
  "us-iso-east-1",
  "us-iso-west-1",
  "us-isob-east-1",
  "us-isob-west-1",
  "us-isof-east-1",
  "us-isof-south-1",
  "us-west-1",
  "us-west-2",
]);

/** Whether this version knows a region. */
export function isKnownRegion(region: string): boolean {
  return REGIONS.has(region);
}

/**
 * The region that is probably meant.
 *
 * @param region A region's name.
 * @returns `undefined` if the region is known, or none is close.
 */
export function suggestRegion(region: string): string | undefined {
  return REGIONS.has(region) ? undefined : nearestName(region, REGIONS);
}

/**
 * The region in the name of an ECS endpoint.
 *
 * @param host Such as `ecs.us-west-2.amazonaws.com`.
 * @returns `undefined` if it is another host.
 */
export function regionOfHost(host: string): string | undefined {
  return /^ecs(?:-fips|-[at]-\d+)?\.([a-z0-9-]+)\./.exec(host)?.[1];
}
