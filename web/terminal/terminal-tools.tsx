// The tools over the terminals: size of text, screen reader mode, and the keys that the page keeps for itself.

import { Popover } from "@base-ui/react/popover";
import AArrowDown from "lucide-react/icons/a-arrow-down";
import AArrowUp from "lucide-react/icons/a-arrow-up";
import Accessibility from "lucide-react/icons/accessibility";
import Keyboard from "lucide-react/icons/keyboard";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import Zap from "lucide-react/icons/zap";
import type { ReactNode } from "react";
import { IconButton } from "../ui/button.tsx";
import { useIsNarrow } from "../ui/use-is-narrow.ts";
import { keyNames, namePasteKey } from "./key-command.ts";
import { fontSizes } from "./terminal-appearance.ts";
import { describePrediction } from "./terminal-sentences.ts";
import styles from "./terminal-tools.module.css";

type TerminalToolsProps = {
  fontSize: number;
  onFontSize: (size: number) => void;
  isScreenReader: boolean;
  onScreenReader: (isOn: boolean) => void;
  isPredicting: boolean;
  onPredicting: (isOn: boolean) => void;
  roundTripMs: number | null;
};

export function TerminalTools(props: TerminalToolsProps) {
  const isNarrow = useIsNarrow();
  if (!isNarrow) {
    return (
      <div className={styles["tools"]} role="toolbar" aria-label="Terminal settings">
        <Tools {...props} />
        <Panel label="Keys in the terminal" trigger={<Keyboard aria-hidden="true" />}>
          <Keys />
        </Panel>
      </div>
    );
  }
  return (
    <div className={styles["tools"]}>
      <Panel label="Terminal settings" trigger={<SlidersHorizontal aria-hidden="true" />}>
        <Rows {...props} />
      </Panel>
    </div>
  );
}

function SizeButtons({ fontSize, onFontSize }: Pick<TerminalToolsProps, "fontSize" | "onFontSize">) {
  return (
    <>
      <IconButton label="Smaller text" disabled={fontSize <= fontSizes.min} onClick={() => onFontSize(fontSize - 1)}>
        <AArrowDown aria-hidden="true" />
      </IconButton>
      <IconButton label="Larger text" disabled={fontSize >= fontSizes.max} onClick={() => onFontSize(fontSize + 1)}>
        <AArrowUp aria-hidden="true" />
      </IconButton>
    </>
  );
}

function Tools(props: TerminalToolsProps) {
  const { isScreenReader, onScreenReader, isPredicting, onPredicting, roundTripMs } = props;
  const prediction = describePrediction(isPredicting, roundTripMs);
  return (
    <>
      <SizeButtons {...props} />
      <IconButton label="Screen reader mode" isPressed={isScreenReader} onClick={() => onScreenReader(!isScreenReader)}>
        <Accessibility aria-hidden="true" />
      </IconButton>
      <IconButton
        label={`Show typing at once when the lab is far away: ${prediction.text}`}
        isPressed={isPredicting}
        onClick={() => onPredicting(!isPredicting)}
      >
        <Zap aria-hidden="true" fill={prediction.isActive ? "currentColor" : "none"} />
      </IconButton>
    </>
  );
}

/** The same with words, where there is no pointer to ask an icon with. */
function Rows(props: TerminalToolsProps) {
  const { isScreenReader, onScreenReader, isPredicting, onPredicting, roundTripMs } = props;
  const prediction = describePrediction(isPredicting, roundTripMs);
  return (
    <div className={styles["rows"]}>
      <div className={styles["row"]} role="group" aria-label="Text size">
        <span className={styles["words"]}>Text size</span>
        <SizeButtons {...props} />
      </div>
      <Switch
        name="Screen reader mode"
        state={isScreenReader ? "on" : "off"}
        isOn={isScreenReader}
        onChange={onScreenReader}
      >
        <Accessibility aria-hidden="true" />
      </Switch>
      <Switch name="Show typing at once" state={prediction.text} isOn={isPredicting} onChange={onPredicting}>
        <Zap aria-hidden="true" fill={prediction.isActive ? "currentColor" : "none"} />
      </Switch>
    </div>
  );
}

type SwitchProps = {
  name: string;
  state: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  children: ReactNode;
};

function Switch({ name, state, isOn, onChange, children }: SwitchProps) {
  return (
    <button type="button" className={styles["switch"]} aria-pressed={isOn} onClick={() => onChange(!isOn)}>
      <span className={styles["words"]}>
        {name}
        <span className={styles["state"]}>{state}</span>
      </span>
      <span className={styles["sign"]}>{children}</span>
    </button>
  );
}

function Panel({ label, trigger, children }: { label: string; trigger: ReactNode; children: ReactNode }) {
  return (
    <Popover.Root>
      <Popover.Trigger render={<IconButton label={label} />}>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className={styles["positioner"]} side="bottom" align="end" sideOffset={6}>
          <Popover.Popup className={styles["panel"]}>
            <Popover.Title className={styles["head"]}>{label}</Popover.Title>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
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
    <>
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
    </>
  );
}
