import type { Destination, DestinationDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import type { TargetGroupConfig } from "./schema.ts";

export function createTargetGroup(_config: TargetGroupConfig, _deps: DestinationDeps): Destination {
  throw faults.DESTINATION_FAILED({ name: "targetGroup", action: "start", why: "not written yet" });
}
