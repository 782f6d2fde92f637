/**
 * An agent that runs nothing: it registers, connects, acknowledges, and reports the life of each
 * task as its container's command says. `exit N` stops with that code, `hang` reports nothing, and
 * anything else runs until it is stopped.
 *
 * @module
 */

import { EXAMPLE_CREDENTIALS } from "../../emulator/mod.ts";
import type { AcsEmulator } from "../../emulator/mod.ts";
import { isJsonObject } from "../../internal/json.ts";
import { type Frame, signHeaders, TestAgent } from "./test_agent.ts";

/** The prefix of ECS's operations. */
const PREFIX = "AmazonEC2ContainerServiceV20141113.";

/** The registration of an unmodified agent, without most of its attributes. */
export const REGISTRATION = {
  cluster: "default",
  instanceIdentityDocument: "",
  instanceIdentityDocumentSignature: "",
  attributes: [
    { name: "ecs.capability.external" },
    { name: "com.amazonaws.ecs.capability.docker-remote-api.1.21" },
    { name: "ecs.os-type", value: "linux" },
    { name: "ecs.cpu-architecture", value: "x86_64" },
  ],
  totalResources: [
    { name: "CPU", type: "INTEGER", integerValue: 2048 },
    { name: "MEMORY", type: "INTEGER", integerValue: 4096 },
    { name: "PORTS", type: "STRINGSET", stringSetValue: ["22", "2375", "2376", "51678", "51679"] },
    { name: "PORTS_UDP", type: "STRINGSET", stringSetValue: [] },
  ],
};

/** An answer from the ECS API. */
export interface ApiAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The body. */
  readonly body: Record<string, unknown>;
}

/** Calls the ECS API with a signed request. */
export async function callEcs(
  { url }: Pick<AcsEmulator, "url">,
  operation: string,
  input: unknown,
): Promise<ApiAnswer> {
  const body = typeof input === "string" ? input : JSON.stringify(input);
  const headers = await signHeaders(`${url}/`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `${PREFIX}${operation}`,
    },
    ...EXAMPLE_CREDENTIALS,
  });
  const response = await fetch(`${url}/`, { method: "POST", body, headers });
  const parsed: unknown = await response.json();
  return { status: response.status, body: isJsonObject(parsed) ? parsed : {} };
}

/** A running agent. */
export class ScriptedAgent {
  /** The ARN of its container instance. */
  readonly containerInstanceArn: string;
  /** The payloads' tasks so far, by ARN; the newest version of each. */
  readonly tasks = new Map<string, Record<string, unknown>>();
  readonly #url: string;
  readonly #running = new Set<string>();
  readonly #done = new Set<string>();
  readonly #reports = new Map<string, Promise<void>>();
  #agent: TestAgent | undefined;
  #isLeaving = false;
  #left: Promise<void> = Promise.resolve();

  private constructor(url: string, containerInstanceArn: string) {
    this.#url = url;
    this.containerInstanceArn = containerInstanceArn;
  }

  /** Registers a container instance and connects. */
  static async start(
    { url }: Pick<AcsEmulator, "url">,
    registration: object = {},
  ): Promise<ScriptedAgent> {
    const { status, body } = await callEcs({ url }, "RegisterContainerInstance", {
      ...REGISTRATION,
      clientToken: crypto.randomUUID(),
      ...registration,
    });
    const instance = Object(body.containerInstance);
    if (status !== 200) throw new Error(`Registration was refused: ${JSON.stringify(body)}`);
    const agent = new ScriptedAgent(url, String(instance.containerInstanceArn));
    await agent.#connect();
    return agent;
  }

  /** Disconnects; its tasks continue. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#agent?.leave();
    await this.#left;
    await Promise.all(this.#reports.values());
  }

  /** Reports a task's status until the report is accepted. */
  report(taskArn: string, status: string, container: object = {}): Promise<void> {
    const before = this.#reports.get(taskArn) ?? Promise.resolve();
    const names = this.#containerNames(taskArn);
    const next = before.then(async () => {
      const input = {
        cluster: "default",
        task: taskArn,
        status,
        reason: "",
        containers: names.map((containerName) => ({ containerName, status, ...container })),
        ...(status === "STOPPED" && { executionStoppedAt: Date.now() / 1000 }),
      };
      for (let attempt = 0; attempt < 100; attempt++) {
        const answer = await callEcs({ url: this.#url }, "SubmitTaskStateChange", input)
          .catch(() => undefined);
        if (answer?.status === 200 || this.#isLeaving) return;
      }
    });
    this.#reports.set(taskArn, next);
    return next;
  }

  #containerNames(taskArn: string): string[] {
    const { containers } = this.tasks.get(taskArn) ?? {};
    return Array.isArray(containers) ? containers.map(({ name }) => String(name)) : [];
  }

  async #connect(): Promise<void> {
    const agent = await TestAgent.connect({ url: this.#url }, {
      query: {
        clusterArn: "default",
        containerInstanceArn: this.containerInstanceArn,
        sendCredentials: "true",
      },
    });
    this.#agent = agent;
    void this.#serve(agent);
    this.#left = agent.ended.then(() => this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    while (!this.#isLeaving) {
      try {
        return await this.#connect();
      } catch {
        // Refused or cut off: the next attempt is the answer.
      }
    }
  }

  async #serve(agent: TestAgent): Promise<void> {
    for (let count = 1;; count++) {
      const frame = (await agent.waitForFrames(count))[count - 1];
      if (frame !== undefined) this.#handle(agent, frame);
    }
  }

  #handle(agent: TestAgent, frame: Frame): void {
    if (frame.type === "IAMRoleCredentialsMessage") return agent.ackCredentials(frame);
    agent.ack(frame);
    const { tasks } = frame.message;
    if (frame.type !== "PayloadMessage" || !Array.isArray(tasks)) return;
    for (const task of tasks) this.#live(task);
  }

  #live(task: Record<string, unknown>): void {
    const taskArn = String(task.arn);
    this.tasks.set(taskArn, task);
    if (task.desiredStatus === "STOPPED") return this.#stop(taskArn, 143);
    if (this.#running.has(taskArn)) return;
    this.#running.add(taskArn);
    const command = commandOf(task);
    if (command === "hang") return;
    const runtimeId = taskArn.slice(-32).repeat(2);
    const imageDigest = "sha256:403f6ef4bc6bcef1533fabdd112cc0f650c13def3eeb96e11323265f53f29dc0";
    void this.report(taskArn, "PENDING", { imageDigest });
    void this.report(taskArn, "RUNNING", { imageDigest, runtimeId });
    const [, code] = /^exit (\d+)$/.exec(command) ?? [];
    if (code !== undefined) this.#stop(taskArn, Number(code));
  }

  #stop(taskArn: string, exitCode: number): void {
    if (this.#done.has(taskArn)) return;
    this.#done.add(taskArn);
    void this.report(taskArn, "STOPPED", { exitCode });
  }
}

function commandOf({ containers }: Record<string, unknown>): string {
  const [first] = Array.isArray(containers) ? containers : [];
  const command: unknown = Object(first).command;
  return Array.isArray(command) ? command.join(" ") : "";
}
