/** Where a command prints, and who reads it there. */
import { stringify } from "yaml";
import { type Json } from "../base/index.ts";
import { wantsColor, type World } from "../host/index.ts";
import type { Reader } from "./table.ts";

/** Who reads stdout. */
export function readerOf({ env, isTerminal, columns }: Pick<World, "env" | "isTerminal" | "columns">): Reader {
  return { columns: isTerminal.stdout ? columns : null, color: wantsColor(env, isTerminal.stdout) };
}

/** Data for programs, as JSON or YAML. */
export function dataText(value: unknown, format: "json" | "yaml"): string {
  // Through JSON first: a field that is undefined is no field.
  const text = JSON.stringify(value, null, 2);
  if (format === "json") return `${text}\n`;
  const plain: Json = JSON.parse(text);
  return stringify(plain, { aliasDuplicateObjects: false, lineWidth: 0 });
}
