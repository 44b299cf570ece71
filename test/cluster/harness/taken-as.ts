/** JSON taken at its word. Only for what the cluster, or this harness, wrote itself; the test that reads it is the check. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the type it expects
export function takenAs<T>(json: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parsed edge
  return json as T;
}
