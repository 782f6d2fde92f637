/**
 * The common flags of `acs run` and `acs doctor`, which connect as an agent.
 *
 * @module
 */

import type { Command } from "commander";
import { environmentOption, parseText } from "./flags.ts";
import { SETTING_VARIABLES } from "./run_settings.ts";

/** Adds the flags for the agent's identity. */
export function addIdentityFlags(command: Command): Command {
  return command
    .optionsGroup("Identity:")
    .addOption(
      environmentOption(
        "--container-instance-arn <arn>",
        "ARN of the container instance",
        SETTING_VARIABLES.containerInstanceArn,
      ).argParser(parseText),
    )
    .addOption(
      environmentOption(
        "--region <region>",
        "region (default: from the ARN)",
        SETTING_VARIABLES.region,
      ).argParser(parseText),
    )
    .addOption(
      environmentOption(
        "--cluster <name>",
        "name or ARN of the cluster (default: from the ARN)",
        SETTING_VARIABLES.cluster,
      ).argParser(parseText),
    );
}

/** Adds the flags for the endpoints. */
export function addConnectionFlags(command: Command): Command {
  return command
    .optionsGroup("Connection:")
    .addOption(
      // Validated later, since commander's error would quote the value.
      environmentOption(
        "--endpoint-url <url>",
        "URL of the ECS API, instead of the region's",
        SETTING_VARIABLES.endpointUrl,
      ).argParser(parseText),
    )
    .option("--fips", "use the FIPS endpoint (env: AWS_USE_FIPS_ENDPOINT)")
    .option("--dualstack", "use the dual-stack endpoint (env: AWS_USE_DUALSTACK_ENDPOINT)")
    .option(
      "--allow-insecure-endpoint",
      "connect to ACS without TLS if the ECS API returns such an endpoint over https",
      false,
    );
}
