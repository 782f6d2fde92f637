/**
 * The host of the ECS API in a region. The table contains AWS's public endpoint data, as
 * `@aws-sdk/util-endpoints` ships it; a test compares it with that library, which by itself would
 * be larger than all other dependencies together.
 *
 * @module
 */

import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";

/** A group of regions that share a DNS suffix. */
interface Partition {
  readonly region: RegExp;
  readonly dnsSuffix: string;
  readonly dualStackDnsSuffix: string;
}

const AWS_PARTITION: Partition = {
  region: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
  dnsSuffix: "amazonaws.com",
  dualStackDnsSuffix: "api.aws",
};

const PARTITIONS: readonly Partition[] = [
  AWS_PARTITION,
  { // aws-cn
    region: /^cn-\w+-\d+$/,
    dnsSuffix: "amazonaws.com.cn",
    dualStackDnsSuffix: "api.amazonwebservices.com.cn",
  },
  { // aws-eusc
    region: /^eusc-(de)-\w+-\d+$/,
    dnsSuffix: "amazonaws.eu",
    dualStackDnsSuffix: "api.amazonwebservices.eu",
  },
  { // aws-iso
    region: /^us-iso-\w+-\d+$/,
    dnsSuffix: "c2s.ic.gov",
    dualStackDnsSuffix: "api.aws.ic.gov",
  },
  { // aws-iso-b
    region: /^us-isob-\w+-\d+$/,
    dnsSuffix: "sc2s.sgov.gov",
    dualStackDnsSuffix: "api.aws.scloud",
  },
  { // aws-iso-e
    region: /^eu-isoe-\w+-\d+$/,
    dnsSuffix: "cloud.adc-e.uk",
    dualStackDnsSuffix: "api.cloud-aws.adc-e.uk",
  },
  { // aws-iso-f
    region: /^us-isof-\w+-\d+$/,
    dnsSuffix: "csp.hci.ic.gov",
    dualStackDnsSuffix: "api.aws.hci.ic.gov",
  },
  { // aws-us-gov
    region: /^us-gov-\w+-\d+$/,
    dnsSuffix: "amazonaws.com",
    dualStackDnsSuffix: "api.aws",
  },
];

/** Which of a region's endpoints to use. */
export interface EcsEndpointOptions {
  /** Use the FIPS 140 validated endpoint. Default `false`. */
  readonly useFipsEndpoint?: boolean;
  /** Use the endpoint that also answers over IPv6. Default `false`. */
  readonly useDualstackEndpoint?: boolean;
}

/** The names of these options. */
export const ECS_ENDPOINT_OPTION_NAMES: OptionNames<EcsEndpointOptions> = {
  useFipsEndpoint: true,
  useDualstackEndpoint: true,
};

/**
 * The URL of the ECS API.
 *
 * @param region The region; one that no partition matches is treated as part of the partition
 * `aws`.
 * @param options FIPS and dual stack.
 * @returns Such as `https://ecs.us-west-2.amazonaws.com/`.
 * @throws {RangeError} If an option is unknown.
 */
export function ecsEndpoint(region: string, options: EcsEndpointOptions = {}): string {
  checkOptionNames(options, ECS_ENDPOINT_OPTION_NAMES, "");
  const partition = PARTITIONS.find((each) => each.region.test(region)) ?? AWS_PARTITION;
  const service = options.useFipsEndpoint ? "ecs-fips" : "ecs";
  const suffix = options.useDualstackEndpoint ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  return `https://${service}.${region}.${suffix}/`;
}
