/**
 * Regions of AWS, by the data of the AWS SDK.
 *
 * @module
 */

import { partition } from "@aws-sdk/util-endpoints";

/** The prefixes of each partition's regions. */
export const STARTS: Readonly<Record<string, readonly string[]>> = {
  "aws": ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
  "aws-cn": ["cn"],
  "aws-eusc": ["eusc-de"],
  "aws-iso": ["us-iso"],
  "aws-iso-b": ["us-isob"],
  "aws-iso-e": ["eu-isoe"],
  "aws-iso-f": ["us-isof"],
  "aws-us-gov": ["us-gov"],
};
const MIDDLES = [
  ...["north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest"],
  ...["central", "later"],
];

/** Every conceivable region: those that exist, and those that may exist one day. */
export const REGIONS: readonly { readonly name: string; readonly region: string }[] = Object
  .entries(STARTS).flatMap(([name, starts]) =>
    starts.flatMap((start) =>
      MIDDLES.flatMap((middle) =>
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => ({
          name,
          region: `${start}-${middle}-${number}`,
        }))
      )
    )
  );

/** Whether the data lists the region. */
export function isExisting(region: string): boolean {
  return "description" in partition(region);
}
