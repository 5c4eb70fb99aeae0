import type { Cell } from "../../lib/base/cell.ts";
import type { Discovered } from "../../lib/discover/contract.ts";
import type { Subject } from "../../lib/health/contract.ts";
import type { CheckConfig } from "../../lib/health/kinds.ts";
import { nameOf } from "../../lib/presence/roster.ts";

/** Keeps `subjects` equal to what there is to check: the found instances with their checks. */
export async function toSubjects(
  found: Cell<Discovered<CheckConfig>>,
  subjects: Cell<readonly Subject<CheckConfig>[]>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { value, version } = found;
    subjects.set(
      value.found.map(({ instance, checks, run }) => ({
        id: nameOf(instance),
        target: { host: instance.host, port: instance.port },
        ...(run !== undefined && { run }),
        checks,
      })),
    );
    await found.newer(version, signal);
  }
}
