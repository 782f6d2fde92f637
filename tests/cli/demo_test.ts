import assert from "node:assert/strict";
import { DEMO_STEPS } from "../../cli/demo_steps.ts";
import { runAcs, startAcs } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

test("The demonstration shows every kind of message, says that every step passed, and exits with 0", async () => {
  const { code, stdout, stderr } = await runAcs(["demo"]);
  assert.equal(code, 0, stdout + stderr);
  assert.equal(stderr, "");
  for (
    const type of [
      "< HeartbeatMessage",
      "> HeartbeatAckRequest",
      "< PayloadMessage",
      "> AckRequest",
      "> IAMRoleCredentialsAckRequest",
      "< AttachTaskNetworkInterfacesMessage",
      "< AttachInstanceNetworkInterfacesMessage",
      "< ConfirmAttachmentMessage",
      "< IAMRoleCredentialsMessage",
      "< TaskManifestMessage",
      "> TaskStopVerificationMessage",
      "< TaskStopVerificationAck",
      "< StageUpdateMessage",
      "< PerformUpdateMessage",
      "> NackRequest",
      "< ErrorMessage",
      "< CloseMessage",
      "x MessageFromTheFuture",
      "x refused by ACS",
      "ACS-A10",
    ]
  ) {
    assert.ok(stdout.includes(type), `${type} is not shown`);
  }
  assert.equal(stdout.match(/^ {2}ok /gm)?.length, DEMO_STEPS.length + 1);
  const all = DEMO_STEPS.length + 1;
  assert.ok(stdout.endsWith(`\n${all} of ${all} steps passed.\n`), stdout);
});

test("The demonstration reveals no secret", async () => {
  const { stdout } = await runAcs(["demo"]);
  assert.doesNotMatch(stdout, /secret|Signature=|SessionToken/i);
});

test("A demonstration whose reader has gone exits quietly", async () => {
  const { hangUp, ended } = startAcs(["demo"]);
  hangUp();
  const { stderr } = await ended;
  assert.equal(stderr, "");
});

test("Ctrl-C ends the demonstration cleanly", async () => {
  const { signal, output, ended } = startAcs(["demo"]);
  await output(/connected/);
  signal("SIGINT");
  const { code, stderr } = await ended;
  assert.equal(code, 130);
  assert.equal(stderr, "");
});
