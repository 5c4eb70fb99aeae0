import type { Applied } from "../../lib/proxy/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { Texts } from "./ahead.ts";

/** Follows a reconciliation through its stages, of which an interrupted one may begin again. */
export interface ApplyTrace {
  rendered(texts: Texts, pools: Pools): void;
  reached(stage: "checked" | "installed" | "verified"): void;
  /** The proxy was ahead of its files, which were refused, and serves again what they have. */
  wentBack(applied: Applied | undefined): void;
  /** Why the rendered texts are other ones than those of the files, in a few words; undefined if that is unknown. */
  readonly cause: string | undefined;
}
