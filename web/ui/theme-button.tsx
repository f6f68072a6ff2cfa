// Steps through the themes: the system's, light, dark.

import Monitor from "lucide-react/icons/monitor";
import Moon from "lucide-react/icons/moon";
import Sun from "lucide-react/icons/sun";
import { IconButton } from "./button.tsx";
import { chooseTheme, type Theme, useTheme } from "./theme.ts";

const themes: Record<Theme, { next: Theme; label: string; Icon: typeof Sun }> = {
  system: { next: "light", label: "Theme: as the system", Icon: Monitor },
  light: { next: "dark", label: "Theme: light", Icon: Sun },
  dark: { next: "system", label: "Theme: dark", Icon: Moon },
};

export function ThemeButton() {
  const { next, label, Icon } = themes[useTheme()];
  return (
    <IconButton label={`${label}. Change to ${next}.`} onClick={() => chooseTheme(next)}>
      <Icon aria-hidden="true" />
    </IconButton>
  );
}
