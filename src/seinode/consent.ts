/** What a person said on a node, for those rooms that know nodes and not the loop. */
export { mayReplaceToTakeOver } from "../core/consent.ts";
