import assert from "node:assert/strict";
import type { Fault } from "../../lib/base/fault.ts";

/** For `assert.rejects`: a fault with this code and a message that matches. */
export const withCode = (code: string, message: RegExp) => (error: Fault) => {
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};
