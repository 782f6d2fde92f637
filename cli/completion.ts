/**
 * `acs completion`: a script that completes commands and flags in a shell.
 *
 * @module
 */

import process from "node:process";
import { Argument, Command } from "commander";
import { addHelpSections } from "./help.ts";

/** The words that can be completed after a command. */
interface Completions {
  /** The command's name. */
  readonly name: string;
  /** Its description. */
  readonly summary: string;
  /** Its flags. */
  readonly flags: readonly CompletedFlag[];
  /** Its first argument's values, if they are known. */
  readonly words: readonly string[];
}

/** A flag. */
interface CompletedFlag {
  /** The long form, such as `--port`. */
  readonly long: string;
  /** Whether it takes a value. */
  readonly needsValue: boolean;
  /** The valid values; empty if any value is valid. */
  readonly choices: readonly string[];
}

/**
 * The command.
 *
 * @param program Returns the whole program, whose commands are completed.
 */
export function completionCommand(program: () => Command): Command {
  const command = new Command("completion")
    .summary("print a script for shell completion")
    .description("Print a script that completes commands and flags in a shell.")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell: string) => {
      const { OPERATIONS } = await import("../emulator/control/operations.ts");
      const { FAILURE_CODES } = await import("../failures/catalogue.ts");
      const words: Readonly<Record<string, readonly string[]>> = {
        send: [...Object.keys(OPERATIONS), "list"],
        explain: FAILURE_CODES,
      };
      const commands = program().commands.map((each) =>
        completionsOf(each, words[each.name()] ?? [])
      );
      const script = shell === "fish" ? fishScript(commands) : bashScript(commands);
      process.stdout.write(shell === "zsh" ? zshScript(script) : script);
    });
  return addHelpSections(command, {
    examples: ['eval "$(acs completion bash)"', "acs completion fish | source"],
    exitCodes: { "0": "the script was printed", "2": "the shell is not known" },
  });
}

function completionsOf(command: Command, words: readonly string[]): Completions {
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return {
    name: command.name(),
    summary: command.summary() || command.description(),
    flags: [
      ...command.options.flatMap(({ long, required, argChoices = [] }) =>
        long ? [{ long, needsValue: required, choices: argChoices }] : []
      ),
      { long: "--help", needsValue: false, choices: [] },
    ],
    words: [...words, ...choices],
  };
}

function bashScript(commands: readonly Completions[]): string {
  const names = [...commands.map(({ name }) => name), "--help", "--version"].join(" ");
  const words = commands.map(({ name, flags, words }) =>
    `    ${name}) words="${[...words, ...flags.map(({ long }) => long)].join(" ")}" ;;`
  );
  const values = commands.flatMap(({ name, flags }) =>
    flags.filter(({ needsValue }) => needsValue).map(({ long, choices }) =>
      // Without words, the shell completes file names.
      `    ${name}/${long}) words="${choices.join(" ")}" ;;`
    )
  );
  return `_acs() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" words="" index
  for (( index = 2; index < COMP_CWORD; index++ )); do
    # The words after -- are the command line of an agent.
    if [[ "\${COMP_WORDS[index]}" == -- ]]; then COMPREPLY=(); return; fi
  done
  case "$command" in
${words.join("\n")}
  esac
  case "$command/\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
  esac
  if (( COMP_CWORD == 1 )); then words="${names}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _acs acs
`;
}

function zshScript(bash: string): string {
  return `autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${bash}`;
}

function fishScript(commands: readonly Completions[]): string {
  const lines = commands.flatMap(({ name, summary, flags, words }) => {
    const inCommand = `complete -c acs -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c acs -n __fish_use_subcommand -f -a ${name} -d '${quoted(summary)}'`,
      ...flags.map(({ long, needsValue, choices }) => {
        const value = choices.length > 0 ? ` -x -a '${choices.join(" ")}'` : " -r";
        return `${inCommand} -l ${long.slice(2)}${needsValue ? value : ""}`;
      }),
      ...words.map((word) => `${inCommand} -f -a ${word}`),
    ];
  });
  return `${lines.join("\n")}\n`;
}

/** Escapes text for single quotes in fish. */
function quoted(text: string): string {
  return text.replaceAll("'", "\\'");
}
