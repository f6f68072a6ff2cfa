// Decides the environment of every terminal's shell.

/** The agent's own environment without what is meant for the agent, and with what a terminal promises. */
export function shellEnvironment(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && !/^(?:BERTH|NODE|UV)_/.test(name)) environment[name] = value;
  }
  return { ...environment, TERM: "xterm-256color", COLORTERM: "truecolor", LANG: "C.UTF-8" };
}

/** The shell's marks carry the instance, which no file made elsewhere knows: what prints other marks is not this terminal's shell. */
export function environmentIn(instance: string, environment: Readonly<Record<string, string>>): Record<string, string> {
  return { ...environment, BERTH_TERMINAL: instance };
}
