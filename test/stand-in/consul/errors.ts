/** An answer that is no success. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const badRequest = (why: string): HttpError => new HttpError(400, why);
export const notFound = (why: string): HttpError => new HttpError(404, why);
export const failed = (why: string): HttpError => new HttpError(500, why);
export const denied = (why: string): HttpError => new HttpError(403, why);
