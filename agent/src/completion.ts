import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A script that completes this program's commands and options, made from the command line itself, so it never lags behind. */
export function completionScript(program: Command, shell: Shell): string {
  const name = program.name()
  const commands = program.commands.map((command) => ({
    name: command.name(),
    about: command.description(),
    options: [...command.options.map(({ long }) => long ?? ''), '--help'].filter((option) => option !== ''),
  }))
  const names = commands.map((command) => command.name).join(' ')
  const functionName = `_${name.replaceAll('-', '_')}`
  switch (shell) {
    case 'bash':
    case 'zsh':
      return [
        ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
        `${functionName}() {`,
        '  local words',
        `  case "\${COMP_WORDS[1]}" in`,
        ...commands.map((command) => `    ${command.name}) words="${command.options.join(' ')}" ;;`),
        `    *) words="${names} --help --version" ;;`,
        '  esac',
        `  [ "$COMP_CWORD" -gt 1 ] || words="${names} --help --version"`,
        `  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
        '}',
        `complete -o default -F ${functionName} ${name}`,
      ].join('\n')
    case 'fish':
      return commands
        .flatMap((command) => [
          `complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d '${command.about.replaceAll("'", '’')}'`,
          ...command.options.map(
            (option) =>
              `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}' -l ${option.slice(2)}`,
          ),
        ])
        .join('\n')
  }
}
