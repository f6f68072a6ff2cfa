// The tools over the terminals: size of text, screen reader mode, and the keys that the page keeps for itself.

import { Popover } from "@base-ui/react/popover";
import AArrowDown from "lucide-react/icons/a-arrow-down";
import AArrowUp from "lucide-react/icons/a-arrow-up";
import Accessibility from "lucide-react/icons/accessibility";
import Keyboard from "lucide-react/icons/keyboard";
import Zap from "lucide-react/icons/zap";
import { IconButton } from "../ui/button.tsx";
import { keyNames, namePasteKey } from "./key-command.ts";
import { fontSizes } from "./terminal-appearance.ts";
import styles from "./terminal-tools.module.css";

type TerminalToolsProps = {
  fontSize: number;
  onFontSize: (size: number) => void;
  isScreenReader: boolean;
  onScreenReader: (isOn: boolean) => void;
  isPredicting: boolean;
  onPredicting: (isOn: boolean) => void;
};

export function TerminalTools(props: TerminalToolsProps) {
  const { fontSize, onFontSize, isScreenReader, onScreenReader, isPredicting, onPredicting } = props;
  return (
    <div className={styles["tools"]} role="toolbar" aria-label="Terminal settings">
      <IconButton label="Smaller text" disabled={fontSize <= fontSizes.min} onClick={() => onFontSize(fontSize - 1)}>
        <AArrowDown aria-hidden="true" />
      </IconButton>
      <IconButton label="Larger text" disabled={fontSize >= fontSizes.max} onClick={() => onFontSize(fontSize + 1)}>
        <AArrowUp aria-hidden="true" />
      </IconButton>
      <IconButton label="Screen reader mode" isPressed={isScreenReader} onClick={() => onScreenReader(!isScreenReader)}>
        <Accessibility aria-hidden="true" />
      </IconButton>
      <IconButton
        label="Show typing at once when the lab is far away"
        isPressed={isPredicting}
        onClick={() => onPredicting(!isPredicting)}
      >
        <Zap aria-hidden="true" />
      </IconButton>
      <Keys />
    </div>
  );
}

const keys = [
  ["Leave the terminal for its tabs", keyNames.leave],
  ["New terminal", keyNames.add],
  ["Next terminal", keyNames.next],
  ["Previous terminal", keyNames.previous],
  ["Copy what is selected", keyNames.copy],
  ["Paste", namePasteKey(navigator.userAgent)],
  ["Close a terminal, on its tab", "Delete"],
] as const;

function Keys() {
  return (
    <Popover.Root>
      <Popover.Trigger render={<IconButton label="Keys and typing" />}>
        <Keyboard aria-hidden="true" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className={styles["positioner"]} side="bottom" align="end" sideOffset={6}>
          <Popover.Popup className={styles["keys"]}>
            <Popover.Title className={styles["head"]}>Keys in the terminal</Popover.Title>
            <dl>
              {keys.map(([does, key]) => (
                <div key={does}>
                  <dt>{does}</dt>
                  <dd>
                    <kbd>{key}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
            <p>Every other key belongs to the program in the terminal.</p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
