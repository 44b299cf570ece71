/** Files with code that is imported at run time, as the host tells of them. */

/** A path as the file system knows it. */
export interface PathFacts {
  readonly kind: "file" | "directory" | "other";
  /** Somebody besides owner and group may change it, and its file system is not mounted read-only. */
  readonly writableByAnyone: boolean;
  /** Only the owner of an entry may replace it. */
  readonly sticky: boolean;
}

/** What importing a file came to. */
export type ImportReply =
  | { readonly kind: "loaded"; readonly exports: Readonly<Record<string, unknown>> }
  /** `line` counts from 1; null when the parser named none. */
  | { readonly kind: "syntax"; readonly file: string; readonly line: number | null; readonly message: string }
  | { readonly kind: "unresolved"; readonly specifier: string; readonly file: string }
  | { readonly kind: "threw"; readonly message: string };

/** The file system and the module loader. Nothing here rejects but `list`. */
export interface PluginFiles {
  absolute(path: string): string;
  /** Null = no such thing, or it may not be read. */
  facts(path: string): Promise<PathFacts | null>;
  /** Names in a directory, in any order. */
  list(directory: string): Promise<readonly string[]>;
  importFile(path: string): Promise<ImportReply>;
}
