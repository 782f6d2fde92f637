import assert from "node:assert/strict";
import { MemoryCredentialsManager } from "../../responders/credentials_manager.ts";
import { test } from "../testing/test.ts";

const CREDENTIALS = {
  arn: "arn:aws:ecs:us-west-2:111122223333:task/default/a",
  roleType: "TaskApplication",
  iamRoleCredentials: { credentialsId: "c1", secretAccessKey: "made/up/secret" },
} as const;

test("An id that nobody has named is neither pending nor stored", () => {
  const manager = new MemoryCredentialsManager();
  assert.equal(manager.isCredentialsPending("c1"), false);
  assert.equal(manager.getTaskCredentials("c1"), undefined);
});

test("A known id is pending until its credentials arrive", () => {
  const manager = new MemoryCredentialsManager();
  manager.addKnownCredentialsId("c1");
  assert.equal(manager.isCredentialsPending("c1"), true);
  assert.equal(manager.getTaskCredentials("c1"), undefined);
  manager.setTaskCredentials(CREDENTIALS);
  assert.equal(manager.isCredentialsPending("c1"), false);
  assert.equal(manager.getTaskCredentials("c1"), CREDENTIALS);
  manager.addKnownCredentialsId("c1");
  assert.equal(manager.isCredentialsPending("c1"), false);
});

test("A removed id is neither known nor stored, whether its credentials had arrived or not", () => {
  const manager = new MemoryCredentialsManager();
  manager.setTaskCredentials(CREDENTIALS);
  manager.addKnownCredentialsId("c2");
  for (const id of ["c1", "c2", "never named"]) {
    manager.removeCredentials(id);
    assert.equal(manager.isCredentialsPending(id), false);
    assert.equal(manager.getTaskCredentials(id), undefined);
  }
});

test("Credentials of one id are not those of another", () => {
  const manager = new MemoryCredentialsManager();
  manager.setTaskCredentials(CREDENTIALS);
  manager.addKnownCredentialsId("c2");
  assert.equal(manager.getTaskCredentials("c2"), undefined);
  assert.equal(manager.isCredentialsPending("c2"), true);
});

for (const credentialsId of ["", null, undefined]) {
  test(`Credentials whose id is ${JSON.stringify(credentialsId)} are refused by an error that names the task and no secret`, () => {
    const iamRoleCredentials = {
      secretAccessKey: "made/up/secret",
      ...(credentialsId === undefined ? {} : { credentialsId }),
    };
    assert.throws(
      () =>
        new MemoryCredentialsManager().setTaskCredentials({ ...CREDENTIALS, iamRoleCredentials }),
      (error) =>
        error instanceof RangeError &&
        error.message === `The credentials for task ${CREDENTIALS.arn} have no credentialsId`,
    );
  });
}

test("Credentials without a task are refused by an error that names their id", () => {
  assert.throws(
    () => new MemoryCredentialsManager().setTaskCredentials({ ...CREDENTIALS, arn: "" }),
    { name: "RangeError", message: "The credentials c1 have no task ARN" },
  );
});
