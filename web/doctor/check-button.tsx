// The button of error states that leads to the connection doctor.

import { Button } from "../ui/button.tsx";
import { openDoctor } from "./door.ts";

export function CheckButton({ isSmall = false }: { isSmall?: boolean }) {
  return (
    <Button look="quiet" isSmall={isSmall} onClick={openDoctor}>
      Check the connection
    </Button>
  );
}
