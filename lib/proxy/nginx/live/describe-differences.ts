import type { Control } from "./control.ts";
import { type Peers, readPeers, weightOf } from "./texts.ts";

/** How peers of the running nginx differ from the desired ones, for people: a sentence for each server. */
export async function describeDifferences(
  different: readonly (readonly [string, Peers])[],
  control: Pick<Control, "peers">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, desired] of different) {
    const answer = await control.peers(name, signal);
    if (typeof answer !== "string") return [`the peers of ${name} are other ones`];
    found.push(...differences(desired, readPeers(answer)).map((one) => `${name}/${one}`));
  }
  // Another order, or a line twice.
  return found.length > 0 ? found : [`the peers of ${different[0]?.[0]} are other ones`];
}

export function differences(desired: Peers, running: Peers): readonly string[] {
  const found: string[] = [];
  for (const [address, options] of desired.servers) {
    const actual = running.servers.get(address);
    if (actual === undefined) found.push(`${address} was removed`);
    else if (actual !== options) found.push(`${address} ${difference(options, actual)}`);
  }
  for (const address of running.servers.keys()) {
    if (!desired.servers.has(address)) found.push(`${address} was added`);
  }
  return found;
}

function difference(desired: string, actual: string): string {
  const [wanted, has] = [weightOf(desired), weightOf(actual)];
  if (wanted !== has) return `has weight ${has} instead of ${wanted}`;
  return actual.endsWith(" backup") ? "was made a backup" : "is no longer a backup";
}
