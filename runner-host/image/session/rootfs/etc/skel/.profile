# Login shells: the same as interactive ones.
[ -n "$BASH_VERSION" ] && [ -f ~/.bashrc ] && . ~/.bashrc
[ -d ~/bin ] && PATH=~/bin:$PATH
[ -d ~/.local/bin ] && PATH=~/.local/bin:$PATH
