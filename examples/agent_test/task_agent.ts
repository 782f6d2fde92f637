import { Session, type SessionOptions } from "@acs/session";

/** An agent that only remembers which tasks should run. */
export class TaskAgent {
  /** The ARNs of the tasks that should run. */
  readonly running = new Set<string>();
  readonly #session: Session;
  readonly #ended: Promise<void>;

  constructor(options: Omit<SessionOptions, "agentVersion">) {
    this.#session = new Session({
      ...options,
      agentVersion: "1.0.0",
      payloadMessageHandler: {
        processMessage: async (message, ack) => {
          for (const task of message.tasks ?? []) {
            if (!task?.arn) continue;
            if (task.desiredStatus === "STOPPED") this.running.delete(task.arn);
            else this.running.add(task.arn);
          }
          await ack();
        },
      },
    });
    this.#ended = this.#session.start();
  }

  async stop(): Promise<void> {
    await this.#session.stop();
    await this.#ended;
  }
}
