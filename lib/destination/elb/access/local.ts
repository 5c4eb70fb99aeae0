import type { Clock } from "../../../base/clock.ts";
import { formatDuration } from "../../../base/duration.ts";
import { sentence, systemCode } from "../../../base/fault.ts";
import { withTimeout } from "../../../base/timeout.ts";
import { HttpClient, type HttpRequest, type HttpResponse } from "../../../clients/http/client.ts";

/** Local services answer at once, or never: milliseconds. */
export const localLimitMs = 1000;

/** Asks a service of the machine itself. Resolves with the reason if there is no response. */
export type AskLocally = (
  request: HttpRequest,
  signal: AbortSignal,
) => Promise<HttpResponse | string>;

/** Never uses a proxy, which would send the credentials of its own machine. */
export function createAskLocally(clock: Clock): AskLocally & AsyncDisposable {
  const client = new HttpClient({});
  const ask: AskLocally = async (request, signal) => {
    const send = async (inner: AbortSignal) => {
      try {
        return await client.send(request, inner);
      } catch (error) {
        if (inner.aborted || systemCode(error) === undefined) throw error;
        return `${request.url.host} is unreachable (${sentence(error)})`;
      }
    };
    const limit = formatDuration(localLimitMs);
    const onTimeout = () => `${request.url.host} did not answer within ${limit}`;
    return await withTimeout(localLimitMs, send, onTimeout, clock, signal);
  };
  return Object.assign(ask, { [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() });
}
