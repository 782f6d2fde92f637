/**
 * Credentials and payloads of one task are handled in the order in which they arrived; nothing else
 * is held back for that.
 */

import assert from "node:assert/strict";
import type { PayloadMessageHandler, Session, SessionOptions } from "../../../mod.ts";
import type { Task } from "../../../protocol/messages.ts";
import { turns } from "../../testing/fakes/fake_time.ts";
import type { MemoryConnection } from "../../testing/fakes/memory_transport.ts";
import { ARNS, type SessionStage, withSession } from "../../testing/fakes/session_stage.ts";
import { test } from "../../testing/test.ts";

const ROLE = "TaskApplication";

function taskArn(name: string): string {
  return `arn:aws:ecs:us-west-2:123456789012:task/default/${name}`;
}

/** An agent that stores a payload's credentials once the test lets it finish, as slow agents do. */
class SlowAgent implements PayloadMessageHandler {
  readonly known: Set<string> = new Set();
  readonly order: string[] = [];
  readonly #gates: Map<string, PromiseWithResolvers<void>> = new Map();
  session: Session | undefined;

  async processMessage(
    message: Parameters<PayloadMessageHandler["processMessage"]>[0],
    ack: Parameters<PayloadMessageHandler["processMessage"]>[1],
  ): Promise<void> {
    const messageId = message.messageId ?? "";
    this.order.push(`begin ${messageId}`);
    const gate = Promise.withResolvers<void>();
    this.#gates.set(messageId, gate);
    await gate.promise;
    for (const task of message.tasks ?? []) {
      this.known.add(task?.arn ?? "");
      if (!task?.roleCredentials) continue;
      await this.session?.credentialsManager.setTaskCredentials({
        arn: task.arn ?? "",
        roleType: ROLE,
        iamRoleCredentials: task.roleCredentials,
      });
    }
    this.order.push(`end ${messageId}`);
    await ack();
  }

  /** Rejects credentials of unknown tasks, as the reference agent does. */
  readonly setter: NonNullable<SessionOptions["credentialsMetadataSetter"]> = {
    setTaskRoleCredentialsMetadata: (message) => {
      if (!this.known.has(message.taskArn ?? "")) throw new Error("there is no such task");
      this.order.push(`credentials ${message.messageId}`);
    },
  };

  async finish(messageId: string): Promise<void> {
    this.#gates.get(messageId)?.resolve();
    await turns(3);
  }

  async fail(messageId: string): Promise<void> {
    this.#gates.get(messageId)?.reject(new Error("disk full"));
    await turns(3);
  }
}

/** Runs a test with a slow agent on an open connection. */
function withSlowAgent(
  options: Partial<SessionOptions>,
  fn: (agent: SlowAgent, connection: MemoryConnection, stage: SessionStage) => Promise<void>,
): Promise<void> {
  const agent = new SlowAgent();
  return withSession({
    payloadMessageHandler: agent,
    payloadCredentials: "handler",
    credentialsMetadataSetter: agent.setter,
    ...options,
  }, async (stage) => {
    agent.session = stage.session;
    stage.start();
    await fn(agent, await stage.connected(), stage);
  });
}

function sendPayload(connection: MemoryConnection, messageId: string, tasks: readonly Task[]) {
  connection.message("PayloadMessage", { ...ARNS, messageId, tasks });
}

function sendCredentials(
  connection: MemoryConnection,
  messageId: string,
  changes: {
    readonly task?: string;
    readonly credentialsId?: string;
    readonly expiration?: string;
    readonly filler?: string;
  } = {},
) {
  const { task = "a", credentialsId = `credentials-of-${task}`, filler = "", expiration } = changes;
  connection.message("IAMRoleCredentialsMessage", {
    messageId,
    taskArn: taskArn(task),
    roleType: ROLE,
    roleCredentials: { credentialsId, accessKeyId: messageId, expiration, filler },
  });
}

function taskWith(name: string, accessKeyId: string): Task {
  return {
    arn: taskArn(name),
    roleCredentials: { credentialsId: `credentials-of-${name}`, accessKeyId },
  };
}

function acknowledged(connection: MemoryConnection): unknown[] {
  return connection.sentOf("IAMRoleCredentialsAckRequest")
    .map((ack) => Reflect.get(Object(ack), "messageId"));
}

function storedKey({ session }: SessionStage, name = "a"): string | null | undefined {
  return session.credentialsManager.getTaskCredentials(`credentials-of-${name}`)
    ?.iamRoleCredentials.accessKeyId;
}

test("Fresh credentials that arrive while their task's payload is handled are stored last, and acknowledged then", () =>
  withSlowAgent({}, async (agent, connection, stage) => {
    sendPayload(connection, "p1", [taskWith("a", "OLD")]);
    sendCredentials(connection, "NEW");
    await turns(3);
    assert.deepEqual(acknowledged(connection), []);
    const lane = stage.session.health().lanes.find(({ name }) => name === "credentials");
    assert.deepEqual([lane?.depth, lane?.stuck], [1, false]);
    assert.ok((lane?.size ?? 0) > 100);

    await agent.finish("p1");
    assert.deepEqual(agent.order, ["begin p1", "end p1", "credentials NEW"]);
    assert.equal(storedKey(stage), "NEW");
    assert.deepEqual(acknowledged(connection), ["NEW"]);
    assert.deepEqual(stage.eventsOf("dropped"), []);
  }));

test("If the session stores a payload's credentials, fresh ones are also stored last, and a redelivered payload does not overwrite them", () =>
  withSlowAgent({ payloadCredentials: "session" }, async (agent, connection, stage) => {
    agent.session = undefined;
    const payload: Task = {
      arn: taskArn("a"),
      roleCredentials: {
        credentialsId: "credentials-of-a",
        accessKeyId: "OLD",
        expiration: "2026-01-01T01:00:00Z",
      },
    };
    sendPayload(connection, "p1", [payload]);
    sendCredentials(connection, "NEW", { expiration: "2026-01-01T06:00:00Z" });
    await turns(3);
    assert.equal(storedKey(stage), "OLD");
    await agent.finish("p1");
    assert.equal(storedKey(stage), "NEW");
    assert.deepEqual(acknowledged(connection), ["p1", "NEW"]);
    sendPayload(connection, "p1", [payload]);
    await turns(2);
    await agent.finish("p1");
    assert.equal(storedKey(stage), "NEW");
    assert.deepEqual(acknowledged(connection), ["p1", "NEW", "p1"]);
  }));

test("Credentials also wait for a payload that names only their id, in either of the two roles", () =>
  withSlowAgent({}, async (agent, connection) => {
    agent.known.add(taskArn("a"));
    agent.known.add(taskArn("b"));
    sendPayload(connection, "p1", [
      { roleCredentials: { credentialsId: "id-1" } },
      { executionRoleCredentials: { credentialsId: "id-2" } },
    ]);
    sendCredentials(connection, "one", { task: "a", credentialsId: "id-1" });
    sendCredentials(connection, "two", { task: "b", credentialsId: "id-2" });
    await turns(3);
    assert.deepEqual(acknowledged(connection), []);
    await agent.finish("p1");
    assert.deepEqual(acknowledged(connection), ["one", "two"]);
  }));

test("Credentials of other tasks are handled immediately while a payload is stuck", () =>
  withSlowAgent({}, async (agent, connection) => {
    agent.known.add(taskArn("b"));
    sendPayload(connection, "stuck", [taskWith("a", "OLD")]);
    sendCredentials(connection, "of a");
    sendCredentials(connection, "of b", { task: "b" });
    await turns(3);
    assert.deepEqual(acknowledged(connection), ["of b"]);
  }));

test("Credentials wait for the latest payload of their task that arrived before them, and for none that arrived later", () =>
  withSlowAgent({}, async (agent, connection, stage) => {
    sendPayload(connection, "p1", [taskWith("b", "B")]);
    sendPayload(connection, "p2", [taskWith("a", "OLD")]);
    sendCredentials(connection, "NEW");
    sendPayload(connection, "p3", [taskWith("a", "NEWER")]);
    await agent.finish("p1");
    assert.deepEqual(acknowledged(connection), []);
    await agent.finish("p2");
    assert.deepEqual(acknowledged(connection), ["NEW"]);
    assert.equal(storedKey(stage), "NEW");
    await agent.finish("p3");
    assert.equal(storedKey(stage), "NEWER");
    assert.deepEqual(agent.order, [
      ...["begin p1", "end p1", "begin p2", "end p2", "credentials NEW", "begin p3", "end p3"],
    ]);
  }));

test("Credentials that waited for a payload are handled in order of arrival, even if the payload fails", () =>
  withSlowAgent({}, async (agent, connection) => {
    agent.known.add(taskArn("a"));
    sendPayload(connection, "p1", [taskWith("a", "OLD")]);
    for (const messageId of ["c1", "c2"]) sendCredentials(connection, messageId);
    await turns(2);
    await agent.fail("p1");
    sendCredentials(connection, "c3");
    await turns(3);
    assert.deepEqual(acknowledged(connection), ["c1", "c2", "c3"]);
  }));

test("A payload that was redelivered while it failed is tried once more before the credentials that wait for it", () =>
  withSlowAgent({}, async (agent, connection, stage) => {
    sendPayload(connection, "p1", [taskWith("a", "OLD")]);
    sendCredentials(connection, "NEW");
    sendPayload(connection, "p1", [taskWith("a", "OLD")]);
    await turns(2);
    await agent.fail("p1");
    assert.deepEqual(acknowledged(connection), []);
    await agent.finish("p1");
    assert.equal(storedKey(stage), "NEW");
    assert.deepEqual(acknowledged(connection), ["NEW"]);
  }));

test("Credentials that are redelivered while they wait for a payload are handled once, and each copy is answered", () =>
  withSlowAgent({}, async (agent, connection, stage) => {
    sendPayload(connection, "p1", [taskWith("a", "OLD")]);
    sendCredentials(connection, "NEW");
    connection.end({ kind: "eof" });
    const next = await stage.connected(2);
    sendCredentials(next, "NEW");
    await agent.finish("p1");
    assert.deepEqual(agent.order, ["begin p1", "end p1", "credentials NEW"]);
    assert.deepEqual(acknowledged(next), ["NEW", "NEW"]);
  }));

test("A limited number of credentials wait for a payload; those of other tasks continue, and refused ones are redelivered in order", () =>
  withSlowAgent({ limits: { maxLaneMessages: 2 } }, async (agent, connection, stage) => {
    agent.known.add(taskArn("b"));
    sendPayload(connection, "p1", [taskWith("a", "OLD")]);
    for (const messageId of ["c1", "c2", "c3", "c4"]) sendCredentials(connection, messageId);
    await turns(2);
    const refused = () => stage.eventsOf("dropped").map((each) => [each.reason, each.messageId]);
    assert.deepEqual(refused(), [["overflow", "c3"], ["overflow", "c4"]]);
    sendCredentials(connection, "of b", { task: "b" });
    await turns(3);
    assert.deepEqual(acknowledged(connection), ["of b"]);
    assert.equal(connection.left, undefined);

    await agent.finish("p1");
    sendCredentials(connection, "c5");
    await turns(3);
    assert.deepEqual(acknowledged(connection), ["of b", "c1", "c2"]);
    assert.deepEqual(connection.left, { code: 1000, reason: "LaneOverflow: credentials" });
    await stage.time.advance(await stage.waited(1));
    const next = await stage.connected(2);
    for (const messageId of ["c3", "c4", "c5"]) sendCredentials(next, messageId);
    await turns(3);
    assert.deepEqual(acknowledged(next), ["c3", "c4", "c5"]);
    assert.equal(storedKey(stage), "c5");
  }));

test("Credentials that wait for a payload are limited by their size, too", () =>
  withSlowAgent({ limits: { maxLaneSize: 5000 } }, async (agent, connection, stage) => {
    sendPayload(connection, "p1", [taskWith("a", "OLD")]);
    const filler = "x".repeat(2000);
    for (const messageId of ["c1", "c2", "c3"]) sendCredentials(connection, messageId, { filler });
    await turns(2);
    assert.deepEqual(stage.eventsOf("dropped").map(({ messageId }) => messageId), ["c3"]);
    await agent.finish("p1");
    assert.deepEqual(acknowledged(connection), ["c1", "c2"]);
  }));

test("A stop reports the credentials that wait for a payload as unanswered", () =>
  withSlowAgent({}, async (_agent, connection, stage) => {
    sendPayload(connection, "p1", [taskWith("a", "OLD")]);
    sendCredentials(connection, "NEW");
    await turns(1);
    await stage.stop();
    assert.deepEqual(
      stage.eventsOf("dropped").map(({ reason, messageId }) => [reason, messageId]),
      [
        ["stopping", "NEW"],
      ],
    );
    assert.ok(
      stage.session.health().lanes.every(({ name, depth }) => name === "payload" || depth === 0),
    );
  }));
