/** The metrics and labels that a PromQL query names; enough of the grammar for the queries of ours. */

/** A metric and the labels that it is picked by. */
export interface NamedMetric {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** What a query names. `grouped` are labels after by, on and the like. */
export interface QueryNames {
  readonly metrics: readonly NamedMetric[];
  readonly grouped: readonly string[];
}

const WORDS = new Set(["and", "or", "unless", "offset", "by", "without", "on", "ignoring", "group_left", "bool"]);
const GROUPING = /\b(?:by|without|on|ignoring|group_left)\s*\(([^)]*)\)/g;

/** Reads them. */
export function queryNames(query: string): QueryNames {
  const grouped = [...query.matchAll(GROUPING)].flatMap(([, list]) => listOf(list ?? ""));
  const bare = query.replace(GROUPING, " ").replace(/\[[^\]]*\]|\boffset\s+\w+/g, " ");
  const named = [...bare.matchAll(/(?<![\w."$])([a-zA-Z_:][\w:]*)\s*(\(|\{([^}]*)\})?/g)];
  return {
    grouped,
    metrics: named
      .filter(([, name, next]) => !WORDS.has(name ?? "") && next !== "(" && !/^\d/.test(name ?? ""))
      .map(([, name, , matchers]) => ({ metric: name ?? "", labels: labelsOf(matchers ?? "") })),
  };
}

function listOf(list: string): readonly string[] {
  return list
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function labelsOf(matchers: string): readonly string[] {
  return [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)].map(([, label]) => label ?? "");
}
