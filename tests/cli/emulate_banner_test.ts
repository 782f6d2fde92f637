import assert from "node:assert/strict";
import { emulateBanner } from "../../cli/emulate_banner.ts";
import { EXAMPLE_CREDENTIALS } from "../../emulator/emulator_credentials.ts";
import { PIPE, terminal } from "../testing/fakes/timelines.ts";
import { test } from "../testing/test.ts";

function bannerOn(shown = terminal(80)): string {
  const url = "http://127.0.0.1:4570";
  return emulateBanner({
    url,
    target: {
      url,
      region: "us-west-2",
      clusterArn: undefined,
      containerInstances: undefined,
      credentials: EXAMPLE_CREDENTIALS,
    },
    startsAgent: false,
    hasToken: false,
    terminal: shown,
  });
}

test("No line of the emulator's instructions is wider than 80 columns", () => {
  const lines = bannerOn().split("\n");
  assert.deepEqual(lines.filter((line) => line.length > 80), []);
  assert.match(lines.join("\n"), /export ACS_CONTAINER_INSTANCE_ARN=\$arn\/\w+$/m);
});

test("On a pipe, each variable of the emulator's instructions is on one line", () => {
  assert.match(bannerOn(PIPE), /^ {2}export ACS_CONTAINER_INSTANCE_ARN=arn:aws:ecs:\S+c0ffee$/m);
});
