/** Which connection to use: flag, environment, service account or the usual file. */
import type { Connection, ConnectionPorts } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import { inClusterConnection } from "./in-cluster.ts";
import { kubeconfigConnection } from "./kubeconfig-connection.ts";

/** Null = not given. */
export interface ConnectionChoice {
  readonly kubeconfig: string | null;
  readonly context: string | null;
}

/** The connection to use: `--kubeconfig`, else `KUBECONFIG`, else the cluster we run in, else `~/.kube/config`. */
export async function loadConnection(choice: ConnectionChoice, ports: ConnectionPorts): Promise<Connection> {
  const listed = ports.env["KUBECONFIG"]?.split(":") ?? [];
  const paths = (choice.kubeconfig === null ? listed : [choice.kubeconfig]).filter((path) => path !== "");
  if (paths.length > 0) {
    const files = paths.map((path) => expandHome(path, ports));
    const pod = choice.kubeconfig === null && choice.context === null ? await insteadOf(files, ports) : null;
    return pod ?? kubeconfigConnection(files, choice.context, ports);
  }
  const inCluster = choice.context === null ? await inClusterConnection(ports) : null;
  if (inCluster !== null) return inCluster;
  const usual = `${ports.homeDirectory}/.kube/config`;
  if ((await ports.fileMode(usual)) === null) {
    throw new ConnectionError(
      "NOT_IN_CLUSTER",
      `connect: no kubeconfig (--kubeconfig, KUBECONFIG, ${usual}) and no service account of a cluster. Name one with --kubeconfig`,
    );
  }
  return kubeconfigConnection([usual], choice.context, ports);
}

/** As kubectl does in a Pod: where none of the files is there, the service account is taken. Null where one is. */
async function insteadOf(files: readonly string[], ports: ConnectionPorts): Promise<Connection | null> {
  const modes = await Promise.all(files.map((path) => ports.fileMode(path)));
  const pod = modes.every((mode) => mode === null) ? await inClusterConnection(ports) : null;
  if (pod === null) return null;
  const warning = `KUBECONFIG: got no file at ${files.join(", ")}, so the service account is used. Unset it`;
  return { ...pod, warnings: [...pod.warnings, warning] };
}

function expandHome(path: string, ports: ConnectionPorts): string {
  return path === "~" || path.startsWith("~/") ? ports.homeDirectory + path.slice(1) : path;
}
