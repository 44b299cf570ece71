/** The core's port to policy: whether anything may be written, done, or taken down now. */
import type { SeiNode } from "../model/index.ts";
import type { Policy } from "../core/index.ts";
import type { Budgets } from "./budgets.ts";

/** What it is made of. */
export interface PolicyParts {
  readonly mode: "act" | "observe";
  readonly mayWrite: (node: SeiNode) => boolean;
  readonly budgets: Budgets;
}

/** Builds it. */
export function policyPort({ mode, mayWrite, budgets }: PolicyParts): Policy {
  return {
    mayWrite,
    mayAct: (node) => mode === "act" && mayWrite(node),
    admit: (node, budget) => budgets.admit(node, budget),
  };
}
