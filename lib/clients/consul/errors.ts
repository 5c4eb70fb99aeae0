/** Why a request to Consul has no result. */
export type ConsulFailure =
  /** No connection, no answer in time, or no leader. */
  | "unreachable"
  /** The token is unknown. */
  | "unauthenticated"
  /** The token lacks a permission. */
  | "denied"
  /** An answer that is not that of Consul. */
  | "unreadable"
  /** Any other error that Consul answers with. */
  | "refused";

/** A request that Consul did not answer, or has refused. The message is a sentence without secrets. */
export class ConsulError extends Error {
  override readonly name = "ConsulError";
  readonly failure: ConsulFailure;
  /** The HTTP status; undefined without an answer. */
  readonly status: number | undefined;

  constructor(failure: ConsulFailure, message: string, status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
    this.status = status;
  }
}

const longestMessage = 200;

/** The error of an answer with an error status: Consul answers with a line of text. */
export function errorOf(status: number, text: string): ConsulError {
  const line = text.trim().split("\n", 1)[0]?.slice(0, longestMessage) || "no reason given";
  const why = `${line} (status ${status})`;
  if (/no cluster leader/i.test(text)) return new ConsulError("unreachable", why, status);
  if (status === 401 || (status === 403 && /acl not found/i.test(text)))
    return new ConsulError("unauthenticated", why, status);
  // An error of the leader is passed on by another server with status 500.
  if (status === 403 || /permission denied/i.test(text))
    return new ConsulError("denied", why, status);
  return new ConsulError("refused", why, status);
}
