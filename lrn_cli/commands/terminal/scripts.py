"""The scripts by which bash, zsh and fish complete: each hands its line to `lrn` and takes an answer.

Click's own scripts fail on words such as `caffe:local_size=5,alpha=` or `x.h5::/features`: bash ends a word at a colon,
fish's answers end at a comma, and what bash is given is expanded as a pattern.

A line of an answer is a type, a comma and a word, in zsh and fish also a tab and what the word means. Of the type
"file" the word does not count. A word that ends in a colon, an equals sign or a slash is to be continued.
"""

from __future__ import annotations

BASH = """\
%(complete_func)s() {
    local line program=${1/#\\~\\//$HOME/}
    type -P -- "$program" >/dev/null || program=%(prog_name)s
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == file,* ]]; then
            compopt -o default
        elif [[ $line == plain,* ]]; then
            COMPREPLY+=("${line#plain,}")
            [[ $line == *[:=/] ]] && compopt -o nospace
        fi
    done < <(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_CURRENT="$2" %(complete_var)s=bash_complete \\
        "$program" </dev/null 2>/dev/null)
    return 0
} 2>/dev/null

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local line program=${words[1]/#\\~\\//$HOME/}
    local -a fields ended ended_shown open open_shown
    (( $+commands[$program] )) || [[ -x $program ]] || program=%(prog_name)s
    for line in "${(@f)$(env COMP_LINE="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" \\
            %(complete_var)s=zsh_complete $program </dev/null 2>/dev/null)}"; do
        fields=("${(@ps:\\t:)${line#plain,}}")
        if [[ $line == file,* ]]; then
            [[ $PREFIX == -*=* ]] && compset -P 1 '*='
            _files
            return
        elif [[ $fields[1] == *[:=/] ]]; then
            open+=("$fields[1]") open_shown+=("$fields[2]")
        elif [[ -n $fields[1] ]]; then
            ended+=("$fields[1]") ended_shown+=("$fields[2]")
        fi
    done
    if [[ $PREFIX == *::* ]]; then
        compset -P '*::'
    else
        compset -P '*[:=,]'
    fi
    compadd -U -i "$IPREFIX" -V %(prog_name)s -l -d ended_shown -a ended
    compadd -U -i "$IPREFIX" -V %(prog_name)s -l -S '' -d open_shown -a open
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

FISH = """\
function %(complete_func)s
    set -l program (string match --invert -- '*=*' (commandline -opc))[1]
    set program (string replace --regex -- '^~/' "$HOME/" $program)
    set -lx COMP_LINE (commandline -cp)
    set -lx %(complete_var)s fish_complete
    for line in ($program </dev/null 2>/dev/null)
        if string match --quiet -- 'file,*' $line
            set -l word (commandline -ct)
            set -l flag (string match --regex -- '^-[^=]*=' $word; or echo)
            for file in (__fish_complete_path (string replace -- $flag '' $word))
                echo -- $flag$file
            end
        else if string match --quiet -- 'plain,*' $line
            string replace -- plain, '' $line
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""
