/**
 * A process that communicates in lines of JSON.
 *
 * @module
 */

/** How to start one. */
export interface Program {
  /** The executable. */
  readonly command: string;
  /** Its arguments, up to those that a measurement adds. */
  readonly args: readonly string[];
  /** Its working directory. */
  readonly cwd: string;
  /** Environment variables in addition to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A clock tick of the kernel's accounting, in seconds; the same on every Linux. */
const TICK_SECONDS = 0.01;

/** A running process; killed when it is disposed. */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  /**
   * Starts the process.
   *
   * @param program The program to run.
   * @param argument Its last argument, passed as JSON. Default: none.
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
   * @throws {Error} If the process ends first, or the line is `{"error": …}`.
   */
  async next<T>(): Promise<T> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error("A process of the benchmark ended early");
    const report = JSON.parse(value);
    if (report?.error !== undefined) throw new Error(report.error);
    return report;
  }

  /**
   * Writes a line, which makes the process continue.
   *
   * @param line The line's text. Default: empty.
   */
  async goAhead(line = ""): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** The CPU time used so far, in seconds; `undefined` where the system has no `/proc`. */
  async processorSeconds(): Promise<number | undefined> {
    const stat = await this.#readProc("stat");
    if (stat === undefined) return undefined;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
  }

  /**
   * CPU time of the currently existing threads, in seconds, with a resolution of nanoseconds;
   * `undefined` if the system does not report it.
   */
  async threadSeconds(): Promise<number | undefined> {
    let nanoseconds = 0;
    try {
      for await (const { name } of Deno.readDir(`/proc/${this.#process.pid}/task`)) {
        const spent = await this.#readProc(`task/${name}/schedstat`);
        // The thread may have ended in the meantime.
        if (spent !== undefined) nanoseconds += Number(spent.split(" ")[0]);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    return nanoseconds / 1e9;
  }

  /** Resident memory in bytes; `undefined` if the system has no `/proc`. */
  async residentBytes(): Promise<number | undefined> {
    return await this.#bytesOf("VmRSS");
  }

  /** Peak resident memory in bytes; `undefined` where the system has no `/proc`. */
  async peakBytes(): Promise<number | undefined> {
    return await this.#bytesOf("VmHWM");
  }

  async #bytesOf(name: string): Promise<number | undefined> {
    const status = await this.#readProc("status") ?? "";
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  }

  /** Waits until the process exits. */
  async ended(): Promise<void> {
    const { success } = await this.#process.status;
    if (!success) throw new Error("A process of the benchmark failed");
    await this.#release();
  }

  /** Kills the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#release();
  }

  async #release(): Promise<void> {
    await this.#lines.return?.();
    await this.#input.abort().catch(() => {
      // The process has exited, so its input is closed.
    });
  }

  async #readProc(file: string): Promise<string | undefined> {
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
