// What stands in place of a challenge that there is not.

import { Link } from "@tanstack/react-router";
import { buttonClass } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";

export function MissingChallenge() {
  return (
    <Notice tone="bad" title="There is no such challenge" detail="It may have been renamed or taken down." isAlert>
      <Link to="/" className={buttonClass("plain", true)}>
        All challenges
      </Link>
    </Notice>
  );
}
