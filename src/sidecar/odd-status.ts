/** What a status that was not asked for means. */
export function oddStatus(status: number): string {
  if (status >= 300 && status < 400) return `sidecar replied ${status}; redirects are not followed`;
  if (status === 401 || status === 403) {
    return `sidecar refused our identity (${status}): check the seinodetasks create permission`;
  }
  return `sidecar replied ${status}`;
}
