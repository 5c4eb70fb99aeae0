import assert from "node:assert/strict";
import type { Fault } from "../../lib/base/fault.ts";
import type { Applied, Change, Proxy } from "../../lib/proxy/contract.ts";

/** Has a proxy serve what its files say now, without telling it what it served before; `text` is what they say. */
export function apply(proxy: Proxy, text = ""): Promise<Applied> {
  const change = { files: [{ target: "test", loaded: undefined, desired: text }] };
  return proxy.apply(change, new AbortController().signal);
}

/** A change of files of which nobody knows what they were. */
export const unknown: Change = { files: [{ target: "test", loaded: undefined, desired: "" }] };

/** What a rejection must be: a fault with this code, and a sentence that has these words. */
export const withCode = (code: string, words: RegExp) => (error: Fault) => {
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};
