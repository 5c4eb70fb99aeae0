import type { ExplainedView } from "../../../lib/overview/explanation.ts";
import type { Guarded } from "../../../lib/view/contract.ts";
import { decide } from "../../../lib/view/decide.ts";
import type { Subject } from "./file-use.ts";

/** What the view makes of an entry in one service; `dateOf` makes a date of milliseconds of the clock. */
export function viewOf(
  { key, service }: Subject,
  guarded: Guarded,
  dateOf: (ms: number) => string,
): ExplainedView {
  if (service === undefined) {
    const isThere = guarded.observed.snapshot.get(key) !== undefined;
    return isThere
      ? { state: "no instance", why: "it is in no folder of a service: templates read it as a key" }
      : {
          state: "absent",
          why: "no file of this watcher depends on its folder, or it is not there",
        };
  }
  const decision = decide(key, service, guarded);
  switch (decision.kind) {
    case "listed": {
      const { weight } = decision.endpoint;
      const isDraining = weight === 0;
      const why = isDraining ? "its weight is 0: it gets no new requests" : "";
      return { service, state: isDraining ? "draining" : "listed", weight, why };
    }
    case "retained": {
      const { endpoint, sinceMs, untilMs } = decision;
      const until = Number.isFinite(untilMs) && { until: dateOf(untilMs) };
      const why = "its entry is gone, and the mass-loss guard retains the instance";
      const { weight } = endpoint;
      return { service, state: "retained", weight, why, since: dateOf(sinceMs), ...until };
    }
    case "repeated": {
      const { key: insteadKey, address } = decision.served;
      const why = `its address ${address} is that of ${insteadKey}, which is served instead`;
      return { service, state: "not served", why, insteadKey };
    }
    case "other folder": {
      const { served } = decision;
      const other = served ? `, such as ${served.key}` : "";
      const why = `an earlier folder of its source has instances, which are used instead${other}`;
      return { service, state: "not served", why };
    }
    case "beyond limit":
      return { service, state: "not served", why: decision.why };
    case "quarantined":
      return { service, state: "quarantined", why: decision.why };
    case "no instance":
      return { service, state: "no instance", why: "its key is too deep for an instance" };
    case "absent":
      return { service, state: "absent", why: "the service has no such instance" };
  }
}
