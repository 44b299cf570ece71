/** The program as it was before a change of what is stored: how both get along on one cluster is tried, not argued. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "./admin-api.ts";
import { takenAs } from "./taken-as.ts";

/** The last commit whose history is a list of objects. */
const BEFORE_OUTCOMES = "b7de1c90a7b852df48609819f6adf641b579ec8e";
const ROOT = new URL("../../../", import.meta.url).pathname;

/** A program from before `status.outcomes`, run from its sources. */
export interface EarlierProgram {
  /** Its command line. */
  readonly program: readonly string[];
  /** The CRD that it prints. */
  readonly crd: KubeObject;
  readonly remove: () => void;
}

/** False in a clone that does not reach back to it. */
export function hasEarlierProgram(): boolean {
  return run(["git", "cat-file", "-e", BEFORE_OUTCOMES]).exitCode === 0;
}

/** Takes its sources out of the repository. */
export function earlierProgram(): EarlierProgram {
  const folder = mkdtempSync(`${tmpdir()}/tidekeeper-earlier-`);
  run(["sh", "-c", `git archive ${BEFORE_OUTCOMES} | tar -x -C "$0"`, folder]);
  symlinkSync(`${ROOT}node_modules`, `${folder}/node_modules`);
  const program = [process.execPath, `${folder}/src/cli/main.ts`];
  const manifests = String(run([...program, "manifests"]).stdout);
  const crd = parseAllDocuments(manifests)
    .map((document) => takenAs<KubeObject>(document.toJS()))
    .find(({ kind }) => kind === "CustomResourceDefinition");
  if (crd === undefined) throw new Error(`manifests of ${BEFORE_OUTCOMES}: got no CRD, want one: ${manifests}`);
  return { program, crd, remove: () => rmSync(folder, { recursive: true }) };
}

function run(command: readonly string[]): Bun.SyncSubprocess {
  return Bun.spawnSync([...command], { cwd: ROOT, stderr: "pipe" });
}
