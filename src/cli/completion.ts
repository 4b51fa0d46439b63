// onhand completion: what bash, zsh and fish offer at the tab key. The words come from the commands' own help, so
// that what is offered is what is there.

import { type CliCommand, type Listed, UsageError } from "./command.ts";

type Said = Omit<Listed, "load"> & Pick<CliCommand, "help">;

interface Words {
  readonly name: string;
  readonly summary: string;
  readonly actions: readonly string[];
  readonly options: readonly string[];
}

export function completionOf(commands: () => readonly Listed[]): CliCommand {
  return {
    help: `Usage: npm run onhand -- completion bash|zsh|fish

Prints a script for the shell, which completes the word after onhand, the actions of a command and its options.

Examples:
  npm run -s onhand -- completion bash > ~/.local/share/bash-completion/completions/onhand
  npm run -s onhand -- completion zsh > ~/.zfunc/_onhand
  npm run -s onhand -- completion fish > ~/.config/fish/completions/onhand.fish
`,
    async run(args) {
      const [shell, ...more] = args;
      const script = shell === undefined || more.length > 0 ? undefined : scripts.get(shell);
      if (script === undefined) throw new UsageError("completion bash, zsh or fish?");
      const said = commands().map(async (listed) => ({ ...listed, ...(await listed.load()) }));
      process.stdout.write(script((await Promise.all(said)).map(wordsOf)));
      return 0;
    },
  };
}

export function wordsOf({ name, summary, help }: Said): Words {
  // In a package the help says `npx onhand keys`, in the repository `npm run onhand -- keys`.
  const actions = help.matchAll(
    new RegExp(`onhand (?:-- )?${name} ([a-z][a-z|-]*)(?=[ \\n])`, "g"),
  );
  const options = help.matchAll(/(?<![\w-])--[a-z][a-z-]*/g);
  return {
    name,
    summary,
    actions: unique(Array.from(actions, ([, action = ""]) => action.split("|")).flat()),
    options: unique([...Array.from(options, ([option]) => option), "--help"]),
  };
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}

const scripts: ReadonlyMap<string, (commands: readonly Words[]) => string> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
]);

function bash(commands: readonly Words[]): string {
  const cases = commands.map(
    ({ name, actions, options }) =>
      `    ${name}) actions="${actions.join(" ")}"; options="${options.join(" ")}" ;;`,
  );
  return `# Completion of onhand for bash.
_onhand() {
  local word="\${COMP_WORDS[COMP_CWORD]}" actions="" options=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [ "$COMP_CWORD" -eq 2 ] && [ -n "$actions" ]; then
    COMPREPLY=($(compgen -W "$actions" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -F _onhand onhand
`;
}

function zsh(commands: readonly Words[]): string {
  const named = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = commands.map(
    ({ name, actions, options }) =>
      `    ${name}) actions=(${actions.join(" ")}); options=(${options.join(" ")}) ;;`,
  );
  return `#compdef onhand
# Completion of onhand for zsh.
_onhand() {
  local -a commands actions options
  commands=(
${named.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join("\n")}
  esac
  if [[ "$PREFIX" == -* ]]; then
    compadd -- $options
  elif (( CURRENT == 3 && $#actions )); then
    compadd -- $actions
  else
    _files
  fi
}
if [ "$funcstack[1]" = _onhand ]; then _onhand "$@"; else compdef _onhand onhand; fi
`;
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ name, summary, actions, options }) => [
    `complete -c onhand -n __fish_use_subcommand -f -a ${name} -d '${quoted(summary)}'`,
    ...(actions.length === 0
      ? []
      : [
          `complete -c onhand -n "__fish_seen_subcommand_from ${name}; and test (count (commandline -opc)) -eq 2" -f -a "${actions.join(" ")}"`,
        ]),
    ...options.map(
      (option) =>
        `complete -c onhand -n "__fish_seen_subcommand_from ${name}" -l ${option.slice(2)}`,
    ),
  ]);
  return `# Completion of onhand for fish.\n${lines.join("\n")}\n`;
}

/** For single quotes; a colon ends the name in zsh's lists. */
function quoted(text: string): string {
  return text.replaceAll("'", "’").replaceAll(":", ",");
}
