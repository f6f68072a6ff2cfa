# Every interactive bash of the lab, root's too: a plain prompt, and marks (OSC 133) by which the page knows where a command line begins and ends.
[ -z "${PS1-}" ] && return

shopt -s checkwinsize
PS1='\u@\h:\w\$ '

# Package tools that a learner may look for outside of an image, where there is none of them.
command_not_found_handle() {
  printf 'bash: %s: command not found\n' "$1" >&2
  case $1 in
    pip | pip3 | pipx | npm | npx | yarn | pnpm) echo 'A lab has no network to install from: use an image that has it, "docker images" lists them.' >&2 ;;
  esac
  return 127
}

# Marks of a shell that does not know its terminal would say nothing.
[[ ${BERTH_TERMINAL-} =~ ^t_[a-z2-7]{26}$ ]] || return 0

# A: a prompt begins. B: it ends, readline echoes from here on; the number tells a new prompt from one that is drawn again. C: a command starts. D: it is done.
# What stands last in A, B and C tells them from marks in a file or of another machine's shell.
__berth_terminal=$BERTH_TERMINAL
__berth_prompts=0
__berth_begin="\[\e]133;A;$__berth_terminal\a\]"
__berth_end='\[\e]133;B;$((__berth_prompts += 1));'"$__berth_terminal\a\]"

# At each prompt, so that a prompt chosen later is marked as well.
__berth_mark_prompts() {
  printf '\e]133;D;%s\a' "$?"
  [[ $PS1 == *"$__berth_end" ]] || { PS1=${PS1//"$__berth_begin"/} && PS1=$__berth_begin${PS1//"$__berth_end"/}$__berth_end; }
  [[ $PS2 == *"$__berth_end" ]] || PS2=$__berth_begin${PS2//"$__berth_end"/}$__berth_end
  [[ $PS0 == *"133;C;$__berth_terminal"* ]] || PS0+="\e]133;C;$__berth_terminal\a"
}

# Not the first element: PROMPT_COMMAND=... sets that one.
PROMPT_COMMAND[1]=__berth_mark_prompts
