import assert from "node:assert/strict";
import type { Fault } from "../../lib/base/fault.ts";
import type { Applied, Proxy } from "../../lib/proxy/contract.ts";

/** Has a proxy serve what its files say now; `text` is what they say, where that matters. */
export function apply(proxy: Proxy, text = ""): Promise<Applied> {
  const change = { targets: [], texts: new Map([["file", text]]) };
  return proxy.apply(change, new AbortController().signal);
}

/** What a rejection must be: a fault with this code, and a sentence that has these words. */
export const withCode = (code: string, words: RegExp) => (error: Fault) => {
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};
