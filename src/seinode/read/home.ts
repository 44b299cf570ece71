/** Where the home of `seid` is mounted from, read off a Pod. */
import { type HomeView, SEID_CONTAINER } from "../../model/index.ts";
import { arrayAt, intern, objectAt, stringAt } from "../../base/index.ts";
import { DATA_DIR } from "../objects/index.ts";

export { isHomeOn } from "../../model/index.ts";

/**
 * The claim that the home of `seid` is mounted from in this Pod's spec; null when it is on no claim, or its `data` folder
 * lies elsewhere than the rest. Never throws.
 */
export function readHome(spec: unknown): HomeView | null {
  const seid = arrayAt(spec, "containers").find((item) => stringAt(item, "name") === SEID_CONTAINER);
  const mounts = arrayAt(seid, "volumeMounts");
  const home = homeDir(seid, mounts);
  // What validators must never lose, what they signed last, lies in there.
  const [mount, inner] = [mountOf(mounts, home), mountOf(mounts, `${home}/data`)];
  if (mount === null || mount !== inner) return null;
  const volume = arrayAt(spec, "volumes").find((item) => stringAt(item, "name") === stringAt(mount, "name"));
  const claim = stringAt(objectAt(volume, "persistentVolumeClaim"), "claimName");
  if (claim === null) return null;
  return { claim, subPath: intern(stringAt(mount, "subPath") || stringAt(mount, "subPathExpr") || "") };
}

/** What it is told, else where we mount the volume, else where `seid` looks by itself. */
function homeDir(seid: unknown, mounts: readonly unknown[]): string {
  const words = [...arrayAt(seid, "command"), ...arrayAt(seid, "args")].filter((word) => typeof word === "string");
  const told = [...words.join("\n").matchAll(HOME_FLAG)].at(-1)?.[1];
  if (told !== undefined) return trimmed(told);
  if (mounts.some((mount) => pathOf(mount) === DATA_DIR)) return DATA_DIR;
  const variable = arrayAt(seid, "env").find((item) => stringAt(item, "name") === "HOME");
  const own = stringAt(variable, "value");
  return own === null ? DATA_DIR : `${trimmed(own)}/.sei`;
}

/** A path that a variable makes cannot be read. */
const HOME_FLAG = /--home(?:=|\s+)["']?(\/[^\s"'$]+)(?=["'\s]|$)/g;

/** The mount that a path lies in: of all above it the nearest, and of two at one place the last, which covers the other. */
function mountOf(mounts: readonly unknown[], path: string): unknown {
  let nearest: unknown = null;
  for (const mount of mounts) {
    const at = pathOf(mount);
    const isAbove = at !== null && (at === "" || path === at || path.startsWith(`${at}/`));
    if (isAbove && at.length >= (pathOf(nearest)?.length ?? 0)) nearest = mount;
  }
  return nearest;
}

function pathOf(mount: unknown): string | null {
  const path = stringAt(mount, "mountPath");
  return path === null ? null : trimmed(path);
}

function trimmed(path: string): string {
  return path.replaceAll(/\/{2,}/gu, "/").replace(/\/$/u, "");
}
