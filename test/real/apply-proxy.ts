import { never } from "../../lib/base/signal.ts";
import type { Applied, Proxy } from "../../lib/proxy/contract.ts";

/** Makes a proxy load its file, whose text is `text`, without the text that it had loaded before. */
export function apply(proxy: Proxy, text = ""): Promise<Applied> {
  return proxy.apply({ files: [{ target: "test", loaded: undefined, desired: text }] }, never);
}
