/** A request that the API server refused or failed, or that did not reach it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status, also that of an event of a watch; undefined without a response. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}
