/**
 * A process that talks by lines of JSON.
 *
 * @module
 */

/** How to start one. */
export interface Program {
  /** The executable. */
  readonly command: string;
  /** Its arguments, up to those that a measurement adds. */
  readonly args: readonly string[];
  /** Where it runs. */
  readonly cwd: string;
  /** Variables on top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A clock tick of the kernel's accounting, in seconds; the same on every Linux. */
const TICK_SECONDS = 0.01;

/** A running process; ended, by force, when it is disposed of. */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  /**
   * Starts it.
   *
   * @param program What to run.
   * @param argument Its last argument, as JSON; none if it is missing.
   */
  constructor({ command, args, cwd, env = {} }: Program, argument?: unknown) {
    this.#process = new Deno.Command(command, {
      args: argument === undefined ? [...args] : [...args, JSON.stringify(argument)],
      cwd,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = linesOf(this.#process.stdout);
    this.#input = this.#process.stdin.getWriter();
  }

  /**
   * Waits for its next line.
   *
   * @throws {Error} If it ends without one, or the line is `{"error": …}`.
   */
  async next<T>(): Promise<T> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error("A process of the benchmark has ended early");
    const told = JSON.parse(value);
    if (told?.error !== undefined) throw new Error(told.error);
    return told;
  }

  /**
   * Writes a line, which tells it to go on.
   *
   * @param line What else it is to know. Default: nothing.
   */
  async goAhead(line = ""): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** The processor time that it has used, in seconds; `undefined` where the system has no `/proc`. */
  async processorSeconds(): Promise<number | undefined> {
    const stat = await this.#tellOfKernel("stat");
    if (stat === undefined) return undefined;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
  }

  /** The most resident memory that it has had, in bytes; `undefined` where there is no `/proc`. */
  async peakBytes(): Promise<number | undefined> {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(await this.#tellOfKernel("status") ?? "")?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  }

  /** Waits until it ends by itself. */
  async ended(): Promise<void> {
    const { success } = await this.#process.status;
    if (!success) throw new Error("A process of the benchmark has failed");
    await this.#release();
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#release();
  }

  async #release(): Promise<void> {
    await this.#lines.return?.();
    await this.#input.abort().catch(() => {
      // The process is gone, and so is its input.
    });
  }

  async #tellOfKernel(file: "stat" | "status"): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(`/proc/${this.#process.pid}/${file}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
