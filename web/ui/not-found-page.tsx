// An address that nothing lives at.

import { Link } from "@tanstack/react-router";
import { Mark } from "./brand.tsx";
import { buttonClass } from "./button.tsx";
import { useTitle } from "./use-title.ts";
import styles from "./plain-page.module.css";

export function NotFoundPage() {
  useTitle("Nothing here");
  return (
    <main className={styles["page"]} id="main">
      <Mark size={40} />
      <h1>There is nothing at this address</h1>
      <p>The link may be old, or mistyped.</p>
      <Link to="/" className={buttonClass("primary")}>
        All challenges
      </Link>
    </main>
  );
}
