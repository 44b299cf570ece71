/** How much is logged. */
export type LogLevel = "debug" | "info" | "warn" | "error";
