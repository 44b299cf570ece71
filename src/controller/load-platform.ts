/** Reads the platform's inputs from its file and the environment. */
import { type Platform, type PlatformFile, readPlatform, readPlatformFile } from "../seinode/platform/index.ts";
import { nearest } from "../config/index.ts";
import type { World } from "../host/index.ts";

/** The reference's name for the path of its file. A file that only this names may be missing. */
export const PLATFORM_PATH_ENV = "SEI_CONTROLLER_CONFIG";

/** A file that is larger is no configuration. */
const MAX_BYTES = 1024 * 1024;

/** The platform with what is to be logged of it, or every mistake of file and environment, a line each. */
export type PlatformLoading =
  | {
      readonly ok: true;
      readonly platform: Platform;
      readonly notes: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the platform's inputs from the file, if one is named, and from the environment, which wins. */
export async function loadPlatform(
  { platformConfig }: { readonly platformConfig: string | null },
  world: Pick<World, "env" | "files">,
): Promise<PlatformLoading> {
  const path = platformConfig ?? world.env[PLATFORM_PATH_ENV] ?? "";
  const notes: string[] = [];
  const file = path === "" ? NOTHING : await readFile(path, { world, mustExist: platformConfig !== null, notes });
  const reading = readPlatform(world.env, file);
  if (!reading.ok) return reading;
  const { unused } = file;
  const warnings = unused.length === 0 ? [] : [`${path}: not used by this version: ${unused.join(", ")}`];
  return { ...reading, notes, warnings };
}

const NOTHING: PlatformFile = { values: new Map(), problems: [], unused: [] };

async function readFile(
  path: string,
  {
    world,
    mustExist,
    notes,
  }: { readonly world: Pick<World, "files">; readonly mustExist: boolean; readonly notes: string[] },
): Promise<PlatformFile> {
  const file = await world.files.readText(path, { maxBytes: MAX_BYTES });
  if (file.ok) {
    notes.push(`${path}: read`);
    return readPlatformFile({ path, text: file.text, nearest });
  }
  if (file.code !== "MISSING" || mustExist) return { ...NOTHING, problems: [`platform config: ${file.message}`] };
  notes.push(`${path}: no such file, which ${PLATFORM_PATH_ENV} allows: nothing is configured by file`);
  return NOTHING;
}
