/** The arrows between rooms: who may import whom. A folder of src that is in no room is a failure. */

/** Rooms of rooms: from outside, each of theirs is entered by its own door. */
const KUBE = ["kube/client", "kube/watch", "kube/store", "kube/queue", "kube/events", "kube/lease", "kube/connect"];
const MODEL = ["model", "model/applied", "model/gate"];
const SEINODE = ["seinode/spec", "seinode/platform", "seinode/objects", "seinode/read", "seinode/crd", "seinode/plans"];

/** All that puts rooms together may take. */
const LOWER = ["base", ...MODEL, "core", "plugin", "plugin/loading", "drift", "executor", ...KUBE, ...SEINODE];
const MOST = [...LOWER, "sidecar", "http", "host", "telemetry", "server", "config"];

/** What each room may import besides itself. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  kube: [],
  seinode: [],
  model: ["base"],
  "model/applied": ["base", "model"],
  "model/gate": ["base", "model", "model/applied"],
  core: ["base", ...MODEL],
  "plugin/loading": ["base", "model"],
  plugin: ["base", ...MODEL, "plugin/loading"],
  drift: ["plugin"],
  "seinode/spec": ["base", "model"],
  "seinode/platform": ["base", "model", "seinode/spec"],
  "seinode/objects": ["base", "model", "seinode/spec", "seinode/platform"],
  "seinode/plans": ["base", "model", "seinode/spec", "seinode/objects"],
  "seinode/crd": ["base", "model", "seinode/spec"],
  "seinode/read": ["base", "model", "seinode/spec", "seinode/objects", "seinode/crd"],
  executor: ["base", ...MODEL, "sidecar", ...KUBE, ...SEINODE],
  "kube/client": ["base"],
  "kube/store": ["base", "kube/client"],
  "kube/queue": ["base"],
  "kube/watch": ["base", "kube/client", "kube/store"],
  "kube/events": ["base", "kube/client", "kube/queue"],
  "kube/lease": ["base", "kube/client", "kube/store", "kube/watch"],
  "kube/connect": ["base", "kube/client"],
  sidecar: ["base"],
  http: ["base"],
  host: ["base", "http"],
  controller: MOST,
  sim: ["base"],
  telemetry: ["base", "model"],
  server: ["base", "model", "telemetry"],
  config: ["base", "model"],
  install: ["base", "model", "config", "seinode/crd", "telemetry", "controller"],
  demo: [...MOST, "controller", "sim"],
  laptop: [...MOST, "controller"],
  cli: [...MOST, "controller", "sim", "demo", "install", "laptop"],
};

/** The room of a file, by its path from the checkout: `src/kube/store/store.ts` is in `kube/store`. */
export function roomOf(path: string): string {
  const [, room = "", inner = ""] = path.split("/");
  const both = `${room}/${inner}`;
  return both in ARROWS ? both : room;
}
