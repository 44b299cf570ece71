/** Set by scripts/compile.sh; absent when run from source. */
declare const BUILD_VERSION: string | undefined;
declare const BUILD_COMMIT: string | undefined;

/** What was built. `commit` is `source` where nothing was. */
export interface Version {
  readonly version: string;
  readonly commit: string;
  /** Runtime, system and processor. */
  readonly platform: string;
}

/** The version of this program. */
export function currentVersion(platform: string): Version {
  return {
    version: typeof BUILD_VERSION === "string" ? BUILD_VERSION : "0.0.0",
    commit: typeof BUILD_COMMIT === "string" ? BUILD_COMMIT : "source",
    platform,
  };
}

/** The answer of `tidekeeper version`, with its newline. */
export function versionText(version: Version, output: "text" | "json"): string {
  if (output === "json") return `${JSON.stringify(version)}\n`;
  return `tidekeeper ${version.version} (commit ${version.commit}, ${version.platform})\n`;
}
