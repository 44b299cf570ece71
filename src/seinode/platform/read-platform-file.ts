/** The platform file, for whoever has one. */
import type { PlatformSource } from "./platform-file.ts";
import type { PlatformFile } from "./platform.ts";

/** As `parsePlatformFile`. Loaded only when called: only who has such a file pays for a YAML parser. */
export async function readPlatformFile(source: PlatformSource): Promise<PlatformFile> {
  const { parsePlatformFile } = await import("./platform-file.ts");
  return parsePlatformFile(source);
}
