import type { CheckConfig } from "../../../health/kinds.ts";
import type { NerveCheck } from "./check-schema.ts";

/** The key for which Nerve asks Redis. */
const redisKey = "nerve-redis-service-check";

/** Nerve's defaults, in seconds. */
const [defaultInterval, defaultTimeout, defaultPhase] = [0.5, 0.1, 0.2];

/** What Nerve's check does, `intervalSec` seconds (0.5 by default) from one to the next; undefined for one that is always healthy. */
export function checkOf(
  check: NerveCheck,
  intervalSec: number = defaultInterval,
): CheckConfig | undefined {
  const { host, port, rise = 1, fall = 1, timeout = defaultTimeout } = check;
  const timing = { interval: msOf(intervalSec), timeout: msOf(timeout), rise, fall };
  const at = { ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
  switch (check.type) {
    case "noop":
      return undefined;
    case "tcp":
      return { type: "tcp", ...timing, ...at, tls: false };
    case "redis":
      return { type: "redis", ...timing, ...at, key: redisKey, tls: false };
    case "zookeeper":
      return { type: "zookeeper", ...timing, ...at };
    case "http": {
      const { uri, headers = {}, expect, ssl = false } = check;
      return {
        type: "http",
        ...timing,
        timeout: httpTimeout(check, timeout),
        ...at,
        http2: false,
        method: "GET",
        path: uri,
        headers,
        expect: ["2xx", "3xx"],
        ...(expect && { contains: expect }),
        tls: ssl && { insecure: true },
      };
    }
  }
}

/** Nerve limits each phase of a request, and sidekick the whole: the sum is the longest that Nerve waits for one answer. */
function httpTimeout(check: Extract<NerveCheck, { type: "http" }>, timeout: number): number {
  const { ssl, open_timeout: open = defaultPhase, ssl_timeout: tls = defaultPhase } = check;
  return msOf(open + (ssl ? tls : 0) + (check.read_timeout ?? timeout));
}

function msOf(seconds: number): number {
  return Math.max(1, Math.round(seconds * 1000));
}
