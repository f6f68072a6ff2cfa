# Login shells: the same as interactive ones. No test is the last word: the first prompt shows no failure.
if [ -n "$BASH_VERSION" ] && [ -f ~/.bashrc ]; then . ~/.bashrc; fi
if [ -d ~/bin ]; then PATH=~/bin:$PATH; fi
if [ -d ~/.local/bin ]; then PATH=~/.local/bin:$PATH; fi
