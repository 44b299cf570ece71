/** Whether to colour what goes to a stream: never against `NO_COLOR`, always with `FORCE_COLOR`, else on a terminal. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  if (isSet("NO_COLOR")) return false;
  if (isSet("FORCE_COLOR") || isSet("CLICOLOR_FORCE"))
    return env["FORCE_COLOR"] !== "0" && env["CLICOLOR_FORCE"] !== "0";
  return isTerminal && env["TERM"] !== "dumb" && !isSet("CI");
}
