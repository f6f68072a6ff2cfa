// Where the connection doctor appears: loaded when it is first opened, and ahead of that while the page is idle, since it must open when nothing can be loaded.

import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";
import { noteLimit } from "../page-log.ts";
import { closeDoctor, doctorDoor } from "./door.ts";

const LOAD_AHEAD_AFTER_MS = 3_000;

const importDoctor = () => import("./doctor-dialog.tsx").then(({ DoctorDialog }) => ({ default: DoctorDialog }));
const DoctorDialog = lazy(importDoctor);

export function DoctorDoor() {
  const isOpen = useSyncExternalStore(doctorDoor.watch, doctorDoor.read);
  useEffect(() => {
    const load = () =>
      importDoctor().catch((error: unknown) => noteLimit("The doctor could not be loaded ahead.", error));
    const timer = setTimeout(() => void load(), LOAD_AHEAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <DoctorDialog onClose={closeDoctor} />
    </Suspense>
  );
}
