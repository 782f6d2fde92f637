/**
 * The data that the agent has after a restart, in a file that is replaced at each change.
 *
 * @module
 */

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "@badrap/valita";

const container = v.object({
  name: v.string(),
  essential: v.boolean(),
  command: v.array(v.string()),
  environment: v.record(v.string()),
  stopTimeout: v.number(),
  /** The process; missing until it is started. */
  pid: v.number().optional(),
});

const task = v.object({
  taskArn: v.string(),
  taskClusterArn: v.string(),
  desiredStatus: v.union(v.literal("RUNNING"), v.literal("STOPPED")),
  containers: v.array(container),
});

const data = v.object({
  containerInstanceArn: v.string().optional(),
  sequenceNumber: v.number().optional(() => 0),
  manifestMessageId: v.string().optional(() => ""),
  tasks: v.array(task).optional(() => []),
});

/** A saved container. */
export type SavedContainer = v.Infer<typeof container>;

/** A saved task. */
export type SavedTask = v.Infer<typeof task>;

type Saved = v.Infer<typeof data>;

/** The agent's data. Change a field, then save. */
export class AgentData {
  /** The directory for the data and the containers' output. */
  readonly directory: string;
  /** The fields. */
  readonly saved: Saved;
  #writing: Promise<void> = Promise.resolve();

  private constructor(directory: string, saved: Saved) {
    this.directory = directory;
    this.saved = saved;
  }

  /**
   * Opens the data in a directory, which is created if it does not exist.
   *
   * @throws {Error} If the file was not written by this agent.
   */
  static async open(directory: string): Promise<AgentData> {
    await mkdir(directory, { recursive: true });
    const text = await readFile(join(directory, "agent.json"), "utf8").catch((error) => {
      if (error.code === "ENOENT") return "{}";
      throw error;
    });
    return new AgentData(directory, data.parse(JSON.parse(text)));
  }

  /** Saves all fields as they are now; resolves once they are in the file. */
  save(): Promise<void> {
    const write = async () => {
      const path = join(this.directory, "agent.json");
      // Replaced atomically: a process that is killed leaves the old file or the new one.
      await writeFile(`${path}.new`, JSON.stringify(this.saved), { mode: 0o600 });
      await rename(`${path}.new`, path);
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  /** Adds a task, and saves it. */
  async add(task: SavedTask): Promise<void> {
    this.saved.tasks.push(task);
    await this.save();
  }

  /** Removes a task. */
  async remove(taskArn: string): Promise<void> {
    const index = this.saved.tasks.findIndex((task) => task.taskArn === taskArn);
    if (index !== -1) this.saved.tasks.splice(index, 1);
    await this.save();
  }
}
