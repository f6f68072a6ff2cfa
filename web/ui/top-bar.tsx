// The bar over every signed-in page: where one is on the left, what concerns the reader on the right.

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Mark } from "./brand.tsx";
import { ThemeButton } from "./theme-button.tsx";
import styles from "./top-bar.module.css";

export function TopBar({ children, end }: { children?: ReactNode; end?: ReactNode }) {
  return (
    <header className={styles["bar"]}>
      <a className={styles["skip"]} href="#main">
        Skip to content
      </a>
      <Link to="/" className={styles["brand"]} aria-label="Berth: all challenges">
        <Mark />
        <span className={styles["name"]}>Berth</span>
      </Link>
      <div className={styles["middle"]}>{children}</div>
      <div className={styles["end"]}>
        {end}
        <ThemeButton />
      </div>
    </header>
  );
}
