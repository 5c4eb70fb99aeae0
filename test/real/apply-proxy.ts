import { never } from "../../lib/base/signal.ts";
import type { Applied, Proxy } from "../../lib/proxy/contract.ts";

/** Makes a proxy load a file with this text. The text that it had loaded before is not given. */
export function apply(proxy: Proxy, text = ""): Promise<Applied> {
  return proxy.apply({ files: [{ target: "test", loaded: undefined, desired: text }] }, never);
}
