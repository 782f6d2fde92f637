import assert from "node:assert/strict";
import { clusterToSend, identityProblem } from "../../session/identity_problem.ts";
import { resolveOptions } from "../../session/options.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const ACCOUNT = "arn:aws:ecs:us-west-2:123456789012";
const IN_PROD = `${ACCOUNT}:container-instance/prod/0123456789abcdef`;
const OLDER_FORM = `${ACCOUNT}:container-instance/0123456789abcdef`;
const region = "us-west-2";

for (
  const { what, containerInstanceArn, cluster } of [
    { what: "a cluster given by name", containerInstanceArn: IN_PROD, cluster: "prod" },
    {
      what: "a cluster given by ARN",
      containerInstanceArn: IN_PROD,
      cluster: `${ACCOUNT}:cluster/prod`,
    },
    { what: "no cluster", containerInstanceArn: IN_PROD, cluster: undefined },
    { what: "the older form of ARN", containerInstanceArn: OLDER_FORM, cluster: "prod" },
  ]
) {
  test(`A container instance's ARN fits ${what}`, () => {
    assert.equal(identityProblem({ region, containerInstanceArn, cluster }), undefined);
  });
}

for (
  const { what, kind, text, ...identity } of [
    {
      what: "is in another region",
      kind: "region",
      text: /in the region us-west-2, not in eu-west-1/,
      region: "eu-west-1",
      containerInstanceArn: IN_PROD,
    },
    {
      what: "is in another cluster",
      kind: "cluster",
      text: /in the cluster prod, not in test/,
      region,
      containerInstanceArn: IN_PROD,
      cluster: "test",
    },
    {
      what: "is that of a cluster",
      kind: "not-a-container-instance",
      text: /this is the ARN of a cluster$/,
      region,
      containerInstanceArn: `${ACCOUNT}:cluster/prod`,
    },
    {
      what: "is that of an EC2 instance",
      kind: "not-a-container-instance",
      text: /this is the ARN of a ec2 instance$/,
      region,
      containerInstanceArn: "arn:aws:ec2:us-west-2:123456789012:instance/i-0123456789abcdef0",
    },
  ]
) {
  test(`A session whose container instance's ARN ${what} is refused when it is created`, () => {
    const problem = identityProblem(identity);
    assert.equal(problem?.kind, kind);
    assert.match(problem?.text ?? "", text);
    const options = { ...identity, credentials: CREDENTIALS, agentVersion: "1.0.0" };
    assert.throws(() => resolveOptions(options), { name: "RangeError", message: text });
  });
}

test("A custom endpoint decides which container instances exist", () => {
  const options = {
    region: "local",
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    credentials: CREDENTIALS,
    agentVersion: "1.0.0",
    endpoint: "http://127.0.0.1:4570/",
  };
  assert.equal(resolveOptions(options).region, "local");
});

test("Without a cluster, the one in the container instance's ARN is sent, and default for the older form", () => {
  assert.equal(clusterToSend({ region, containerInstanceArn: IN_PROD }), "prod");
  assert.equal(clusterToSend({ region, containerInstanceArn: IN_PROD, cluster: "" }), "prod");
  assert.equal(clusterToSend({ region, containerInstanceArn: IN_PROD, cluster: "x" }), "x");
  assert.equal(clusterToSend({ region, containerInstanceArn: OLDER_FORM }), "default");
});
