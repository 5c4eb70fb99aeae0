import { postRoute } from "./answer.ts";
import type { Reloaded } from "./contract.ts";

/** `/reload`: reads the configuration again. A client that has gone does not stop it. */
export function reloadRoute(reload: () => Promise<Reloaded>) {
  return postRoute(async () => await reload());
}
