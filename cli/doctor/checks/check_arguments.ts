import { helpFor } from "../../../failures/failure_help.ts";
import { suggestRegion } from "../../../failures/regions.ts";
import { ecsLocation } from "../../../protocol/arn.ts";
import { type IdentityProblem, identityProblem } from "../../../session/identity_problem.ts";
import { type CheckContext, type CheckOutcome, outcomeOf, passed } from "../check.ts";
import type { DoctorConfiguration } from "../configuration.ts";

/** Checks that the container instance's ARN, its cluster and its region can belong together. */
export function checkArguments({ configuration }: CheckContext): CheckOutcome {
  const { region, cluster, containerInstanceArn } = configuration;
  const problem = identityProblem({
    region: region.value,
    cluster: cluster.value,
    containerInstanceArn: containerInstanceArn.value,
  });
  if (problem !== undefined) {
    return outcomeOf("failed", {
      ...helpFor("ACS-A06"),
      cause: `${problem.text.charAt(0).toUpperCase()}${problem.text.slice(1)}.`,
      fix: fixFor(problem, configuration),
    }, DETAILS[problem.kind]);
  }
  const meant = suggestRegion(region.value);
  if (meant === undefined) return passed("ARN, region and cluster fit together");
  return {
    status: "warning",
    detail: `the region ${region.value} is not known: did you mean ${meant}?`,
    cause: `This version does not know the region ${region.value}.`,
    fix: `Set the region to ${meant}, unless ${region.value} is a new region.`,
  };
}

/** The problem, in the line of the check. */
const DETAILS: Readonly<Record<IdentityProblem["kind"], string>> = {
  "not-a-container-instance": "not the ARN of a container instance",
  region: "the ARN and the region contradict each other",
  cluster: "the ARN and the cluster contradict each other",
};

function fixFor(
  { kind }: IdentityProblem,
  { region, cluster, containerInstanceArn }: DoctorConfiguration,
): string {
  const [, , , arnRegion = ""] = containerInstanceArn.value.split(":");
  switch (kind) {
    case "region":
      return `Set the region to ${arnRegion} (now from ${region.source}), or use another ARN.`;
    case "cluster":
      return `Set the cluster to ${ecsLocation(containerInstanceArn.value).cluster}` +
        ` (now from ${cluster.source}), or use another ARN.`;
    case "not-a-container-instance":
      return `Correct the ARN from ${containerInstanceArn.source}: it is the one that` +
        " RegisterContainerInstance returned.";
  }
}
