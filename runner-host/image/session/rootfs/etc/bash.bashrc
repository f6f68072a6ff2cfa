# Every interactive bash of the lab, root's too: a plain prompt, and marks (OSC 133) by which the page knows where a command line begins and ends.
[ -z "${PS1-}" ] && return

shopt -s checkwinsize
PS1='\u@\h:\w\$ '

# A: a prompt begins. B: it ends, readline echoes from here on; the number tells a new prompt from one that is drawn again. C: a command starts. D: it is done.
__berth_prompts=0
__berth_begin='\[\e]133;A\a\]'
__berth_end='\[\e]133;B;$((__berth_prompts += 1))\a\]'

# At each prompt, so that a prompt chosen later is marked as well.
__berth_mark_prompts() {
  printf '\e]133;D;%s\a' "$?"
  [[ $PS1 == *"$__berth_end" ]] || { PS1=${PS1//"$__berth_begin"/} && PS1=$__berth_begin${PS1//"$__berth_end"/}$__berth_end; }
  [[ $PS2 == *"$__berth_end" ]] || PS2=$__berth_begin${PS2//"$__berth_end"/}$__berth_end
  [[ $PS0 == *'133;C'* ]] || PS0+='\e]133;C\a'
}

# Not the first element: PROMPT_COMMAND=... sets that one.
PROMPT_COMMAND[1]=__berth_mark_prompts
