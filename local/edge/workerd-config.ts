// Writes the configuration under which plain workerd serves Berth's worker; pure.

export interface EdgePlan {
  readonly address: string;
  /** The bundle: one ES module, by its path relative to the configuration. */
  readonly moduleFile: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Plain text bindings. */
  readonly texts: Readonly<Record<string, string>>;
  /** Bindings whose values come from workerd's environment: no secret stands in the configuration. */
  readonly environmentNames: readonly string[];
  readonly durableObjects: readonly { readonly binding: string; readonly className: string }[];
  /** Absolute folder of the objects' SQLite files. */
  readonly objects: string;
  readonly assets: { readonly binding: string; readonly folder: string };
}

export function renderWorkerdConfig(plan: EdgePlan): string {
  const bindings = [
    ...Object.entries(plan.texts).map(([name, value]) => `(name = ${quote(name)}, text = ${quote(value)})`),
    ...plan.environmentNames.map((name) => `(name = ${quote(name)}, fromEnvironment = ${quote(name)})`),
    ...plan.durableObjects.map(
      ({ binding, className }) => `(name = ${quote(binding)}, durableObjectNamespace = ${quote(className)})`,
    ),
    `(name = ${quote(plan.assets.binding)}, service = "assets")`,
  ];
  const namespaces = plan.durableObjects.map(
    ({ className }) =>
      `(className = ${quote(className)}, uniqueKey = ${quote(`berth-${className}`)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "assets", disk = (path = ${quote(plan.assets.folder)}, writable = false)),
    (name = "objects", disk = (path = ${quote(plan.objects)}, writable = true)),
    # "local" is the libSQL server on this machine.
    (name = "internet", network = (allow = ["public", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = ${quote(plan.address)}, http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed ${quote(plan.moduleFile)})],
  compatibilityDate = ${quote(plan.compatibilityDate)},
  compatibilityFlags = ${list(plan.compatibilityFlags.map(quote))},
  bindings = ${list(bindings)},
  durableObjectNamespaces = ${list(namespaces)},
  durableObjectStorage = (localDisk = "objects"),
);
`;
}

/** How workerd writes an address to listen on. */
export function listenAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "[]" : `[\n    ${items.join(",\n    ")},\n  ]`;
}

/** Cap'n Proto text: everything but plain ASCII as the bytes of its UTF-8. */
function quote(text: string): string {
  const escaped = Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === "\\") return `\\${character}`;
    return byte >= 0x20 && byte < 0x7f ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${escaped.join("")}"`;
}
