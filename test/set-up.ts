/** Before every test file: a busy machine is no failure, so only a test that hangs runs into the limit. */
import { setDefaultTimeout } from "bun:test";

setDefaultTimeout(60_000);
