/**
 * What the cluster offers to nodes: the reference's inputs, from the environment and a file.
 *
 * Invariants:
 * - every input has a default, and every mistake is told at once (test/seinode/platform/platform.test.ts).
 */
export { DEFAULT_SIDECAR_IMAGE, PLATFORM_INPUTS, type PlatformInput } from "./platform-inputs.ts";
export { type Platform, PLATFORM_ENV, type PlatformFile, readPlatform, type RoleInputs } from "./platform.ts";
export { readPlatformFile } from "./read-platform-file.ts";
