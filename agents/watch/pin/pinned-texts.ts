import { canonicalAddress } from "../../../lib/model/endpoint.ts";
import type { AddressUse } from "../../../lib/proxy/contract.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { endpointsByKey } from "../../../lib/view/endpoints.ts";
import type { Texts } from "../ahead.ts";
import type { TemplateGroup } from "../groups.ts";

type PinnedGroup = Pick<TemplateGroup, "pin" | "proxy">;

/** The pinned texts of a group, with weight 0 for drained instances where its kind allows that; undefined if it is not pinned. */
export function pinnedTexts({ pin, proxy }: PinnedGroup): Texts | undefined {
  if (!pin.active) return undefined;
  const { texts } = pin.active;
  const { servers } = proxy ?? {};
  if (!servers) return texts;
  const drained = pin.drained.value;
  return new Map(Array.from(texts, ([target, text]) => [target, servers.drain(text, drained)]));
}

/** What texts that were not rendered from the services do with their instances, by key. */
export class TextUse {
  readonly #use: (address: string) => AddressUse;
  readonly #pools: Pools;
  #endpoints: ReturnType<typeof endpointsByKey> | undefined;

  constructor({ proxy }: PinnedGroup, texts: Texts, pools: Pools) {
    this.#use = proxy?.servers?.uses([...texts.values()]) ?? (() => "unclear");
    this.#pools = pools;
  }

  /** Whether all instances of a key are certain to be used in this way. */
  is(use: AddressUse, key: string): boolean {
    this.#endpoints ??= endpointsByKey(this.#pools);
    const found = this.#endpoints.get(key) ?? [];
    return found.length > 0 && found.every((one) => this.#use(canonicalAddress(one)) === use);
  }
}
