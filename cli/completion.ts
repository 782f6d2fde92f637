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
  /** Its flags, such as `--port`. */
  readonly flags: readonly string[];
  /** Its first argument's values, if they are known. */
  readonly words: readonly string[];
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
      const commands = program().commands.map((each) =>
        completionsOf(each, each.name() === "send" ? Object.keys(OPERATIONS) : [])
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
    flags: [...command.options.flatMap(({ long }) => long ? [long] : []), "--help"],
    words: [...words, ...choices],
  };
}

function bashScript(commands: readonly Completions[]): string {
  const cases = commands.map(({ name, flags, words }) =>
    `    ${name}) words="${[...words, ...flags].join(" ")}" ;;`
  );
  return `_acs() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="${commands.map(({ name }) => name).join(" ")} --help --version" ;;
  esac
  if (( COMP_CWORD == 1 )); then
    words="${commands.map(({ name }) => name).join(" ")} --help --version"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _acs acs
`;
}

function zshScript(bash: string): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function fishScript(commands: readonly Completions[]): string {
  const lines = commands.flatMap(({ name, summary, flags, words }) => [
    `complete -c acs -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", "\\'")}'`,
    ...flags.map((flag) =>
      `complete -c acs -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`
    ),
    ...words.map((word) =>
      `complete -c acs -n '__fish_seen_subcommand_from ${name}' -f -a ${word}`
    ),
  ]);
  return `${lines.join("\n")}\n`;
}
