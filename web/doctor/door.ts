// Opens and closes the connection doctor from anywhere on the page; the doctor itself is loaded when it is first opened.

let isOpen = false;
const watchers = new Set<() => void>();

function set(next: boolean): void {
  isOpen = next;
  for (const watcher of watchers) watcher();
}

export const openDoctor = (): void => set(true);
export const closeDoctor = (): void => set(false);

export const doctorDoor = {
  watch: (watcher: () => void): (() => void) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
  read: (): boolean => isOpen,
};
