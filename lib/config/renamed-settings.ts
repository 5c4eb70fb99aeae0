import type { Rename } from "./located/old-names.ts";

/** Settings that had another name in an earlier version. An old name is a problem that names the new one. */
export const renamedSettings: readonly Rename[] = [
  { within: ["presence"], from: "linger", to: "drainDelay" },
  { within: ["presence"], from: "drain", to: "shutdownTimeout" },
  { within: ["watch"], from: "lastGood", to: "snapshotCache" },
  { within: ["watch", "guard"], from: "hold", to: "retain" },
  { within: ["watch", "guard", "services", "*"], from: "hold", to: "retain" },
];
