// Tells whether an installation is what a lock file asks for; pure.

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockedPackage
 * @param {Record<string, LockedPackage>} wanted packages of package-lock.json, by folder
 * @param {Record<string, LockedPackage> | null} installed packages of node_modules/.package-lock.json, or null when there is none
 * @returns {string | null} why packages must be installed, or null
 */
export function inspectPackages(wanted, installed) {
  if (installed === null) return "there are none yet";
  for (const [folder, entry] of Object.entries(wanted)) {
    if (folder === "") continue;
    const found = installed[folder];
    // Packages for other platforms are optional and stay away.
    if (found === undefined && entry.optional) continue;
    if (found === undefined || found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${folder.replace(/^.*node_modules\//, "")} changed`;
    }
  }
  return Object.keys(installed).some((folder) => !(folder in wanted)) ? "some are no longer needed" : null;
}
