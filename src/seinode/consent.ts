/** What a person said on a node, for those rooms that know nodes and not the loop. */
export { mayOpenGateOf, mayReplaceToTakeOver } from "../core/consent.ts";
