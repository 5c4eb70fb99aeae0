import { printable } from "../lib/base/printable.ts";
import type { Operated } from "../lib/control/contract.ts";

/** The instances after a request, one a line: `web/10.0.0.1:80 is registered with weight 20`. */
export function formatOperated({ instances }: Operated): string {
  const lines = instances.map(({ name, weight, why }) => {
    const state = weight === undefined ? "not registered" : `registered with weight ${weight}`;
    return `${printable(`${name} is ${state}${why && `: ${why}`}`)}\n`;
  });
  return lines.join("");
}
