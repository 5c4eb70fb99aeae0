import { numberOf, postRoute } from "./answer.ts";
import type { Explain } from "./contract.ts";
import { faults } from "./faults.ts";

/** `/explain`: why an instance gets traffic or not (`name`), or the keys behind a line of a file (`target`, `line`). */
export function explainRoute({ instance, line }: Explain) {
  return postRoute(async (body, signal) => {
    const { name, target } = body;
    if (typeof name === "string" && name !== "") return await instance(name, signal);
    if (typeof target === "string") return await line(target, numberOf(body, "line"), signal);
    throw faults.CONTROL_REQUEST_INVALID({ problem: "expected name, or target and line" });
  });
}
