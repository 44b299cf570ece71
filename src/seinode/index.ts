/**
 * The SeiNode itself. Not here: requests, clocks, decisions about drift, the running of tasks; everything is a pure function.
 * Entered by the doors of its rooms: `spec`, `crd`, `read`, `objects`, `plans`, `platform`.
 */
export {};
