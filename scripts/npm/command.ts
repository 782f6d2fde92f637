/**
 * Running a command to its end.
 *
 * @module
 */

/** Where and how a command runs. */
export interface CommandOptions {
  /** The working directory. Default: this process's. */
  readonly cwd?: string;
  /** Variables on top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the command when it aborts. */
  readonly signal?: AbortSignal;
}

/** What a command left behind. */
export interface CommandResult {
  /** The exit code. */
  readonly code: number;
  /** What it wrote to standard output. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
}

/** Quiet, without the requests to the registry that an installation does not need. */
export const NPM_ENV: Readonly<Record<string, string>> = {
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  npm_config_prefer_offline: "true",
  npm_config_loglevel: "error",
};

/** Runs a command and returns what it left behind, whatever its exit code. */
export async function execute(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    ...options,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Runs a command that must succeed.
 *
 * @returns What it wrote to standard output.
 * @throws {Error} If its exit code is not 0; the message has all that it wrote.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await execute(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
}
