// The buttons of the page: one primary per view, plain ones beside it, dangerous ones for what cannot be undone.

import type { ComponentProps } from "react";
import styles from "./button.module.css";

type Look = "primary" | "plain" | "danger" | "quiet";

export function buttonClass(look: Look = "plain", isSmall = false): string {
  return [styles["button"], styles[look], isSmall ? styles["small"] : ""].join(" ");
}

type ButtonProps = Omit<ComponentProps<"button">, "disabled"> & {
  look?: Look;
  isSmall?: boolean;
  isBusy?: boolean;
  isDisabled?: boolean;
};

/** A busy or disabled button keeps its focus and its size and does nothing. */
export function Button(props: ButtonProps) {
  const { look = "plain", isSmall = false, isBusy = false, isDisabled = false, children, onClick, ...rest } = props;
  const isInert = isBusy || isDisabled;
  return (
    <button
      type="button"
      {...rest}
      className={buttonClass(look, isSmall)}
      aria-disabled={isInert || undefined}
      aria-busy={isBusy || undefined}
      onClick={isInert ? (event) => event.preventDefault() : onClick}
    >
      {isBusy ? <span className={styles["spinner"]} aria-hidden="true" /> : null}
      {children}
    </button>
  );
}

export const iconClass = styles["icon"] ?? "";

/** What an icon alone does not say: to a screen reader, and to a pointer that rests on it. */
export function nameIcon(label: string): { "aria-label": string; title: string } {
  return { "aria-label": label, title: label };
}

export function IconButton({
  label,
  isPressed,
  children,
  ...rest
}: ComponentProps<"button"> & { label: string; isPressed?: boolean }) {
  return (
    <button type="button" {...rest} {...nameIcon(label)} className={iconClass} aria-pressed={isPressed}>
      {children}
    </button>
  );
}
