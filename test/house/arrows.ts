/** The arrows between rooms: who may import whom. A room that is not here has no arrows yet, which is a failure. */
const ALL = [
  "core",
  "plugin",
  "drift",
  "kube",
  "sidecar",
  "seinode",
  "executor",
  "sim",
  "telemetry",
  "server",
  "config",
];

/** What each folder of src may import besides itself. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  plugin: ["core"],
  drift: ["plugin", "seinode"],
  kube: [],
  sidecar: [],
  seinode: ["core"],
  executor: ["core", "kube", "sidecar", "seinode"],
  sim: ["core"],
  telemetry: ["core"],
  server: ["telemetry"],
  config: [],
  cli: ALL,
};
