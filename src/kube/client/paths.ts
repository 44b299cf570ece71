/** Paths of the API server's REST interface. */

/** One resource, or one object of it, or a subresource. `group` is empty for the core group. */
export interface ResourceRef {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** The path of a resource; every part is escaped, so that no name can reach another path. */
export function resourcePath(ref: ResourceRef): string {
  const root = ref.group === "" ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`;
  const scope = ref.namespace === undefined ? "" : `/namespaces/${encodeURIComponent(ref.namespace)}`;
  const name = ref.name === undefined ? "" : `/${encodeURIComponent(ref.name)}`;
  const sub = ref.subresource === undefined ? "" : `/${ref.subresource}`;
  return `${root}${scope}/${ref.plural}${name}${sub}`;
}
