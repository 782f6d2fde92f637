import { helpFor } from "../../../failures/failure_help.ts";
import { suggestRegion } from "../../../failures/regions.ts";
import { identityProblem } from "../../../session/identity_problem.ts";
import { type CheckContext, type CheckOutcome, outcomeOf, passed } from "../check.ts";

/** Whether the container instance's ARN, its cluster and its region can belong together. */
export function checkArguments({ configuration }: CheckContext): CheckOutcome {
  const { region, cluster, containerInstanceArn } = configuration;
  const problem = identityProblem({
    region: region.value,
    cluster: cluster.value,
    containerInstanceArn: containerInstanceArn.value,
  });
  if (problem !== undefined) {
    const help = helpFor("ACS-A06");
    const source =
      { region, cluster, "not-a-container-instance": containerInstanceArn }[problem.kind]
        .source;
    return outcomeOf("failed", {
      ...help,
      cause: `${problem.text.charAt(0).toUpperCase()}${problem.text.slice(1)}.`,
      fix: `Correct the value from ${source}, or use the ARN of another container instance.`,
    });
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
