/** The platform's inputs as the controller of the cluster has them: without them its verdicts are not to be had. */
import { nearest } from "../config/index.ts";
import { loadPlatform, PLATFORM_CONFIG_MAP, PLATFORM_KEY, PLATFORM_PATH_ENV } from "../controller/index.ts";
import { type Platform, readPlatform, readPlatformFile } from "../seinode/platform/index.ts";
import { Failure } from "./failure.ts";
import type { SeenLease } from "./leases.ts";
import { USUAL_NAMESPACE } from "./leases.ts";
import type { Reading } from "./reading.ts";
import { asked } from "./typed-apis.ts";

/** The inputs, and a line for people where they may not be those of the controller. */
export interface PlatformHere {
  readonly platform: Platform;
  readonly note: string | null;
}

/** From the file that is named; else from the ConfigMap beside the controller that leads, else the defaults. */
export async function platformHere(
  reading: Reading,
  { platformConfig }: { readonly platformConfig: string | null },
  leases: () => Promise<readonly SeenLease[]>,
): Promise<PlatformHere> {
  const { world } = reading;
  if (platformConfig !== null || (world.env[PLATFORM_PATH_ENV] ?? "") !== "") {
    const loaded = await loadPlatform({ platformConfig }, world);
    if (!loaded.ok) throw new Failure(loaded.problems, 2);
    return { platform: loaded.platform, note: null };
  }
  const seen = await leases();
  const home = seen.find(({ isAlive }) => isAlive)?.namespace ?? seen[0]?.namespace ?? USUAL_NAMESPACE;
  const { core } = await reading.apis();
  const where = `ConfigMap ${home}/${PLATFORM_CONFIG_MAP}`;
  const map = await asked(core.readNamespacedConfigMap({ namespace: home, name: PLATFORM_CONFIG_MAP }));
  if (!map.ok && map.fault.status !== 404) {
    const got = map.fault.status === 403 ? "got a refusal" : map.fault.why;
    const note = `${where}: ${got}, so the platform's defaults are taken and verdicts may not be the controller's. Ask for get on it, or name a file with --platform-config`;
    return { platform: platformOf(readPlatform(world.env)), note };
  }
  const text = map.ok ? map.value.data?.[PLATFORM_KEY] : undefined;
  if (text === undefined) return { platform: platformOf(readPlatform(world.env)), note: null };
  const file = await readPlatformFile({ path: `${where}, ${PLATFORM_KEY}`, text, nearest });
  return { platform: platformOf(readPlatform(world.env, file)), note: null };
}

function platformOf(reading: ReturnType<typeof readPlatform>): Platform {
  if (!reading.ok) throw new Failure(reading.problems, 2);
  return reading.platform;
}
