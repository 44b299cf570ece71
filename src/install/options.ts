/** What an install is made of: one form for `tidekeeper manifests`, the Helm chart and the kustomize base. */
import { type Amounts, type FurtherPart, type UsualPart, USUAL_PARTS } from "../config/index.ts";
import type { RbacRule } from "../model/index.ts";

/** A part of an install that may be there or not; ServiceAccount and Deployment always are. */
export type Part = UsualPart | FurtherPart;

/** An install. */
export interface InstallOptions {
  /** Namespace the controller is installed in. */
  readonly namespace: string;
  /** Of the program, for the label; empty = no such label. */
  readonly version: string;
  /** Who applies it, for the label. */
  readonly managedBy: string;
  readonly image: string;
  readonly replicas: number;
  readonly shards: number;
  readonly mode: "act" | "observe";
  readonly logLevel: string;
  /** Value of `--detectors`; null = the usual order. */
  readonly detectors: string | null;
  /** `namespace`: a Role in the watched namespace, and nothing cluster-wide but the CRD. */
  readonly scope: "cluster" | "namespace";
  /** Null = every namespace; with a scope of `namespace`, the install's own. */
  readonly watchNamespace: string | null;
  /** Further arguments of `tidekeeper run`. */
  readonly args: readonly string[];
  /** Texts of plugins by file name. */
  readonly plugins: Readonly<Record<string, string>>;
  /** What the enabled detectors read besides. */
  readonly rules: readonly RbacRule[];
  readonly requests: Amounts;
  readonly limits: Amounts;
  readonly priorityClass: string | null;
  readonly parts: readonly Part[];
}

/** How much memory the Pod asks for, in MiB. */
export const MEMORY_MIB = 128;
/** What the Pod asks for. */
export const REQUESTS: Amounts = { cpu: "100m", memory: `${MEMORY_MIB}Mi` };
/** What the Pod may take. A limit on CPU would only delay a renewal of the Lease. */
export const LIMITS: Amounts = { memory: "512Mi" };

/** All that has a default, by it. */
export function installOptions(
  given: Pick<InstallOptions, "namespace" | "image"> & Partial<InstallOptions>,
): InstallOptions {
  return {
    version: "",
    managedBy: "tidekeeper",
    replicas: 2,
    shards: 1,
    mode: "act",
    logLevel: "info",
    detectors: null,
    scope: "cluster",
    watchNamespace: null,
    args: [],
    plugins: {},
    rules: [],
    requests: REQUESTS,
    limits: LIMITS,
    priorityClass: null,
    parts: USUAL_PARTS,
    ...given,
  };
}

/** The namespace whose nodes are looked after; null = all of them. */
export function watched({ scope, watchNamespace, namespace }: InstallOptions): string | null {
  return watchNamespace ?? (scope === "namespace" ? namespace : null);
}
