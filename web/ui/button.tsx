// The buttons of the page: one primary per view, plain ones beside it, dangerous ones for what cannot be undone.

import type { ComponentProps } from "react";
import styles from "./button.module.css";

type Look = "primary" | "plain" | "danger" | "quiet";

export function buttonClass(look: Look = "plain", isSmall = false): string {
  return [styles["button"], styles[look], isSmall ? styles["small"] : ""].join(" ");
}

type ButtonProps = ComponentProps<"button"> & { look?: Look; isSmall?: boolean; isBusy?: boolean };

/** A busy button keeps its focus and its size and does nothing. */
export function Button({ look = "plain", isSmall = false, isBusy = false, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={buttonClass(look, isSmall)}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {isBusy ? <span className={styles["spinner"]} aria-hidden="true" /> : null}
      {children}
    </button>
  );
}

export function IconButton({
  label,
  isPressed,
  children,
  ...rest
}: ComponentProps<"button"> & { label: string; isPressed?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      className={styles["icon"]}
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
    >
      {children}
    </button>
  );
}
