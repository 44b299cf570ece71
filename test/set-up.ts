/**
 * A busy machine is no failure, so only a test that hangs runs into its limit. For a file that is run by hand: Bun
 * 1.4.5 forgets this after the first file, so scripts/test.sh says it for all of them.
 */
import { setDefaultTimeout } from "bun:test";

setDefaultTimeout(60_000);
