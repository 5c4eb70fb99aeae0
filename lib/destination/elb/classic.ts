import type { Destination, DestinationDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import type { ElbConfig } from "./schema.ts";

export function createElb(_config: ElbConfig, _deps: DestinationDeps): Destination {
  throw faults.DESTINATION_FAILED({ name: "elb", action: "start", why: "not written yet" });
}
