import assert from "node:assert/strict";
import { MemoryCredentialsManager } from "../../responders/credentials_manager.ts";
import { LimitExceededError } from "../../errors.ts";
import { test } from "../testing/test.ts";

const CREDENTIALS = {
  arn: "arn:aws:ecs:us-west-2:111122223333:task/default/a",
  roleType: "TaskApplication",
  iamRoleCredentials: { credentialsId: "c1", secretAccessKey: "made/up/secret" },
} as const;

test("An unknown id is neither pending nor stored", () => {
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

test("A removed id is neither known nor stored, whether or not its credentials had arrived", () => {
  const manager = new MemoryCredentialsManager();
  manager.setTaskCredentials(CREDENTIALS);
  manager.addKnownCredentialsId("c2");
  for (const id of ["c1", "c2", "never named"]) {
    manager.removeCredentials(id);
    assert.equal(manager.isCredentialsPending(id), false);
    assert.equal(manager.getTaskCredentials(id), undefined);
  }
});

test("Credentials are stored separately for each id", () => {
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

function credentialsOf(credentialsId: string, expiration: string) {
  return { ...CREDENTIALS, iamRoleCredentials: { credentialsId, expiration } };
}

test("A full manager accepts nothing more, with an error that says what to do, and keeps its entries", () => {
  const manager = new MemoryCredentialsManager({ maxEntries: 2 });
  const later = new Date(Date.now() + 3_600_000).toISOString();
  manager.setTaskCredentials(credentialsOf("c1", later));
  manager.addKnownCredentialsId("c2");
  for (
    const add of [
      () => manager.setTaskCredentials(credentialsOf("c3", later)),
      () => manager.addKnownCredentialsId("c3"),
    ]
  ) {
    assert.throws(add, (error) => {
      assert.ok(error instanceof LimitExceededError);
      assert.match(error.message, /call removeCredentials/);
      assert.deepEqual([error.limit, error.option], [2, "maxEntries of MemoryCredentialsManager"]);
      return true;
    });
  }
  assert.equal(manager.getTaskCredentials("c3"), undefined);
  // Fresh credentials for an existing id need no room.
  manager.setTaskCredentials(credentialsOf("c1", later));
  manager.setTaskCredentials(credentialsOf("c2", later));
  manager.removeCredentials("c1");
  manager.setTaskCredentials(credentialsOf("c3", later));
});

test("A full manager removes credentials that have expired, and nothing else", () => {
  const manager = new MemoryCredentialsManager({ maxEntries: 3 });
  const earlier = new Date(Date.now() - 1000).toISOString();
  manager.setTaskCredentials(credentialsOf("expired", earlier));
  manager.setTaskCredentials(credentialsOf("without a date", "never"));
  manager.addKnownCredentialsId("pending");
  assert.ok(manager.getTaskCredentials("expired"));
  manager.setTaskCredentials(credentialsOf("new", earlier));
  assert.equal(manager.getTaskCredentials("expired"), undefined);
  assert.equal(manager.isCredentialsPending("expired"), false);
  assert.equal(manager.isCredentialsPending("pending"), true);
  for (const id of ["without a date", "new"]) assert.ok(manager.getTaskCredentials(id));
});

test("A full manager removes the credentials first that expired first, and no more than it has to", () => {
  const manager = new MemoryCredentialsManager({ maxEntries: 3 });
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  // By a clock that is wrong, even those of running tasks have expired.
  manager.setTaskCredentials(credentialsOf("running", ago(1_000)));
  manager.setTaskCredentials(credentialsOf("ended", ago(3_000)));
  manager.setTaskCredentials(credentialsOf("also ended", ago(2_000)));
  manager.setTaskCredentials(credentialsOf("new", ago(0)));
  assert.equal(manager.getTaskCredentials("ended"), undefined);
  for (const id of ["running", "also ended", "new"]) assert.ok(manager.getTaskCredentials(id));
});

test("An invalid limit is refused", () => {
  for (const maxEntries of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => new MemoryCredentialsManager({ maxEntries }), {
      name: "RangeError",
      message: new RegExp(`^maxEntries must be a whole number from 1 .* ${maxEntries}$`),
    });
  }
});

test("Removing a task's credentials removes all of them and none of another task's", () => {
  const manager = new MemoryCredentialsManager();
  const store = (arn: string, credentialsId: string) =>
    manager.setTaskCredentials({
      arn,
      roleType: "TaskApplication",
      iamRoleCredentials: { credentialsId },
    });
  store("task a", "c1");
  store("task a", "c2");
  store("task b", "c3");
  // An id that moves to another task is removed with that task.
  store("task b", "c2");
  manager.removeTaskCredentials("task a");
  assert.equal(manager.getTaskCredentials("c1"), undefined);
  assert.equal(manager.getTaskCredentials("c2")?.arn, "task b");
  manager.removeTaskCredentials("task b");
  manager.removeTaskCredentials("an unknown task");
  for (const id of ["c1", "c2", "c3"]) assert.equal(manager.getTaskCredentials(id), undefined);
});

test("Ids and credentials are limited by the memory they occupy, and expired ones make room", () => {
  const manager = new MemoryCredentialsManager({ maxBytes: 10_000 });
  const of = (credentialsId: string, length: number, expiration = "2999-01-01T00:00:00Z") => ({
    ...CREDENTIALS,
    iamRoleCredentials: { credentialsId, expiration, sessionToken: "t".repeat(length) },
  });
  manager.setTaskCredentials(of("old", 3000, "2001-01-01T00:00:00Z"));
  manager.setTaskCredentials(of("a", 3000));
  manager.setTaskCredentials(of("b", 3000));
  assert.equal(manager.getTaskCredentials("old"), undefined);
  assert.throws(() => manager.setTaskCredentials(of("c", 3000)), (error) => {
    assert.ok(error instanceof LimitExceededError);
    assert.match(
      error.message,
      /has 2 entries .* maxBytes of MemoryCredentialsManager, 10000/,
    );
    assert.doesNotMatch(error.message, /ttt/);
    return true;
  });
  assert.throws(() => manager.addKnownCredentialsId("x".repeat(10_000)), LimitExceededError);
  // When earlier ones are replaced, only the difference counts, and a replacement that does not fit
  // leaves them unchanged.
  assert.throws(() => manager.setTaskCredentials(of("a", 6000)), LimitExceededError);
  assert.equal(manager.getTaskCredentials("a")?.iamRoleCredentials.sessionToken?.length, 3000);
  manager.setTaskCredentials(of("a", 4000));
  manager.removeCredentials("b");
  manager.setTaskCredentials(of("c", 3000));
  manager.removeTaskCredentials(CREDENTIALS.arn);
  manager.setTaskCredentials(of("d", 8000));
});

test("Unknown fields of credentials count, too", () => {
  const manager = new MemoryCredentialsManager({ maxBytes: 10_000 });
  const iamRoleCredentials = { credentialsId: "c1", future: Array(200).fill([]) };
  assert.throws(
    () => manager.setTaskCredentials({ ...CREDENTIALS, iamRoleCredentials }),
    LimitExceededError,
  );
});
