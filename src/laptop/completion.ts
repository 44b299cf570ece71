/**
 * `tidekeeper completion SHELL`: the script for a shell. It knows nothing itself: at each key it asks the program, so that it
 * never grows old. The last line of the answer is `:4`, or `:0` where a file may be named, as kubectl's plugins have it.
 */
import type { Shell } from "../config/index.ts";

/** The script. `program` is what is typed. */
export function completionScript(shell: Shell, program = "tidekeeper"): string {
  const name = program.replaceAll(/[^a-z0-9]/g, "_");
  switch (shell) {
    case "bash":
      return `# bash completion for ${program}
_${name}() {
  local answer line
  COMPREPLY=()
  answer=$("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
  while IFS= read -r line; do
    case "$line" in
      :0) compopt -o default ;;
      :*) ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done <<<"$answer"
}
complete -F _${name} ${program}
`;
    case "zsh":
      return `#compdef ${program}
# zsh completion for ${program}
_${name}() {
  local answer line
  local -a found
  answer=$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null) || return
  for line in "\${(@f)answer}"; do
    case "$line" in
      :0) _files ;;
      :*) ;;
      *) found+=("\${\${line//:/\\\\:}/$'\\t'/:}") ;;
    esac
  done
  (( \${#found} )) && _describe '${program}' found
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${program}; fi
`;
    case "fish":
      return `# fish completion for ${program}
function __${name}_complete
  set -l typed (commandline -opc)
  for line in ($typed[1] __complete $typed[2..-1] (commandline -ct) 2>/dev/null)
    switch $line
      case ':0'
        __fish_complete_path (commandline -ct)
      case ':*'
      case '*'
        echo $line
    end
  end
end
complete -c ${program} -f -a '(__${name}_complete)'
`;
  }
}
