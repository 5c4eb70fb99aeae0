import type { Shell } from "./shells.ts";

/** The answer of `sidekick completion --candidates` that asks the shell to complete names of files. */
export const filesMark = ":files";

/**
 * The script that a shell reads, once: it asks `sidekick completion --candidates` at each press of the key, so that it does not
 * depend on the version. Each line of the answer is a word, and after a tab what it means.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of sidekick: source this file, or save it as
# /usr/share/bash-completion/completions/sidekick
_sidekick() {
  local IFS=$'\\n' line word
  COMPREPLY=()
  # bash splits words at ":" and "=": the line up to the cursor has them whole.
  local typed="\${COMP_LINE:0:COMP_POINT}"
  local -a words
  IFS=$' \\t\\n' read -r -a words <<<"$typed"
  [[ "$typed" == *[[:space:]] ]] && words+=("")
  word="\${words[\${#words[@]}-1]}"
  while IFS= read -r line; do
    if [[ "$line" == "${filesMark}" ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    line="\${line%%$'\\t'*}"
    [[ "$line" == "$word"* ]] && COMPREPLY+=("$line")
  done < <("\${words[0]}" completion --candidates bash -- "\${words[@]:1}" 2>/dev/null)
  # What is before a colon is an earlier word to bash, and is there already.
  [[ "$COMP_WORDBREAKS" == *:* && "$word" == *:* ]] && COMPREPLY=("\${COMPREPLY[@]#"\${word%"\${word##*:}"}"}")
}
complete -F _sidekick sidekick
`,
  zsh: `#compdef sidekick
# zsh completion of sidekick: save it as _sidekick in a folder of $fpath
_sidekick() {
  local line
  local -a described
  while IFS= read -r line; do
    if [[ "$line" == "${filesMark}" ]]; then
      _files
      return
    fi
    described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" completion --candidates zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe sidekick described
}
if [[ "$funcstack[1]" == _sidekick ]]; then _sidekick "$@"; else compdef _sidekick sidekick; fi
`,
  fish: `# fish completion of sidekick: save it as ~/.config/fish/completions/sidekick.fish
function __sidekick_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] completion --candidates fish -- $words[2..-1] 2>/dev/null)
  if test "$found" = "${filesMark}"
    __fish_complete_path (commandline -ct)
  else
    string join \\n -- $found
  end
end
complete -c sidekick -f -a '(__sidekick_complete)'
`,
};
