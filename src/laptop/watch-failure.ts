/** What is said of a list that the API server does not give, to whoever asked for it once. */
import type { ReflectorReport } from "../kube/watch/index.ts";
import { Failure } from "./failure.ts";

/** A report of one that failed. */
type Failed = Extract<ReflectorReport, { readonly why: string; readonly status: number }>;

/** The failure of the command: what failed, where, what was got, and what to do. */
export function watchFailure(command: string, report: Failed, server: string): Failure {
  return new Failure([`${command}: ${refusalLine(report, server)}`], 1);
}

/** The same as a line. */
export function refusalLine(
  { resource, why, status }: Pick<Failed, "resource" | "why" | "status">,
  server: string,
): string {
  const [said, hint] = [why.trim(), hintOf(resource, status)];
  return `list ${resource}: ${server}: ${said}${hint === "" ? "" : `${/[.?!]$/.test(said) ? "" : "."} ${hint}`}`;
}

function hintOf(resource: string, status: number): string {
  switch (status) {
    case 401:
      return "The API server does not accept the credentials: renew them, or name another --context";
    case 403:
      return "Ask for list and watch on it; `tidekeeper doctor` prints the Role";
    case 404:
      return resource.startsWith("seinodes.")
        ? "The CRD is missing: `tidekeeper manifests | kubectl apply -f -`, or name another --context"
        : "Is this the address of a Kubernetes API server?";
    case 0:
      return "Is the API server up, and does the kubeconfig's address lead to it? `tidekeeper doctor` says more";
    default:
      return "Is the API server well?";
  }
}
