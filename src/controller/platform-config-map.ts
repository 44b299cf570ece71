/** Where a controller in a cluster has its platform inputs from. */

/** The ConfigMap of platform inputs, beside the controller. */
export const PLATFORM_CONFIG_MAP = "tidekeeper-platform";
/** Key of the file in the ConfigMap, and its name in the folder it is mounted at. */
export const PLATFORM_KEY = "platform.yaml";
