/** Imports plugin files at run time, also from the compiled binary. */
import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type ImportReply, oneLine, type PathFacts, type PluginFiles } from "../base/index.ts";

/** The file system and module loader behind `loadPlugins`. Makes `tidekeeper/plugin` importable, once. */
export function pluginFiles(sdk: Readonly<Record<string, unknown>>): PluginFiles {
  provideSdk(sdk);
  return { absolute: (path) => resolve(path), facts, list: (directory) => readdir(directory), importFile };
}

let isProvided = false;

/** The SDK is a virtual module, so that a plugin beside the binary needs no node_modules. */
function provideSdk(sdk: Readonly<Record<string, unknown>>): void {
  if (isProvided) return;
  isProvided = true;
  Bun.plugin({
    name: "tidekeeper-plugin-sdk",
    setup(build) {
      build.module("tidekeeper/plugin", () => ({ exports: { ...sdk }, loader: "object" }));
    },
  });
}

async function facts(path: string): Promise<PathFacts | null> {
  try {
    const found = await stat(path);
    const kind = found.isFile() ? "file" : found.isDirectory() ? "directory" : "other";
    // Mounted ConfigMaps are 0777 on a read-only mount: nobody can write there whatever the mode says.
    const writableByAnyone = (found.mode & 0o002) !== 0 && !(await isReadOnlyMount(path));
    return { kind, writableByAnyone, sticky: (found.mode & 0o1000) !== 0 };
  } catch {
    return null;
  }
}

async function isReadOnlyMount(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EROFS";
  }
}

async function importFile(path: string): Promise<ImportReply> {
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
    return { kind: "loaded", exports: { ...module } };
  } catch (error) {
    return failureOf(error);
  }
}

/** Bun reports several parse errors as one AggregateError; the first is the one to mend. */
function failureOf(error: unknown): ImportReply {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (first instanceof BuildMessage) {
    const { position } = first;
    return {
      kind: "syntax",
      file: position?.file ?? "",
      line: position?.line ?? null,
      message: oneLine(first.message),
    };
  }
  if (first instanceof ResolveMessage) {
    return { kind: "unresolved", specifier: first.specifier, file: first.referrer };
  }
  return { kind: "threw", message: oneLine(first) };
}
