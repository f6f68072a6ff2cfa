# Interactive shells of the learner.
case $- in *i*) ;; *) return ;; esac

HISTCONTROL=ignoreboth
HISTSIZE=2000
HISTFILESIZE=4000
shopt -s histappend checkwinsize

PS1='\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '

alias ls='ls --color=auto'
alias grep='grep --color=auto'
alias ll='ls -alF'

# Programs' own completions are read at the first one that is asked for: every shell would otherwise hold them.
__berth_load_completions() {
  unset -f __berth_load_completions
  complete -r -D
  [ -f /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion && _completion_loader "$@"
}
complete -D -F __berth_load_completions
