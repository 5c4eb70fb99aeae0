import type { Env } from "../contract.ts";
import { faults } from "../faults.ts";
import type { Found, Metadata } from "./access/metadata.ts";

/** The region and the id of this machine: from the configuration, the environment, or the metadata service. */
export class Machine {
  readonly #name: string;
  readonly #config: {
    readonly region?: string | undefined;
    readonly instanceId?: string | undefined;
  };
  readonly #env: Env;
  readonly #metadata: Metadata;
  #region: string | undefined;
  #id: string | undefined;

  constructor(
    name: string,
    config: { readonly region?: string | undefined; readonly instanceId?: string | undefined },
    env: Env,
    metadata: Metadata,
  ) {
    this.#name = name;
    this.#config = config;
    this.#env = env;
    this.#metadata = metadata;
  }

  /** The region and where it is from; undefined if it is not known yet. */
  describeRegion(): string | undefined {
    return this.#region && `region ${this.#region} (${this.#given()?.from ?? "metadata service"})`;
  }

  /** Throws DESTINATION_MACHINE_UNKNOWN if the region is neither set nor known to the metadata service. */
  async region(signal: AbortSignal): Promise<string> {
    const given = this.#given();
    const found = given ?? (this.#region ? { value: this.#region } : await this.#ask(signal));
    const why =
      "why" in found
        ? `neither AWS_REGION nor AWS_DEFAULT_REGION is set; ${found.why}`
        : /^[a-z0-9-]+$/.test(found.value)
          ? undefined
          : "it is not a region, such as us-west-2";
    if ("why" in found || why)
      throw this.#unknown("the region", why ?? "", "set region or AWS_REGION");
    this.#region = found.value;
    return found.value;
  }

  /** Throws DESTINATION_MACHINE_UNKNOWN if the id is neither set nor known to the metadata service. */
  async id(signal: AbortSignal): Promise<string> {
    const known = this.#config.instanceId ?? this.#id;
    if (known !== undefined) return known;
    const found = await this.#metadata.get("instance-id", signal);
    if ("why" in found) {
      const hint = "instanceId or ELB_INSTANCE_ID sets it, too";
      throw this.#unknown("the id of this machine", found.why, hint);
    }
    this.#id = found.value;
    return found.value;
  }

  #given(): { readonly value: string; readonly from: string } | undefined {
    if (this.#config.region) return { value: this.#config.region, from: "configuration" };
    const from = ["AWS_REGION", "AWS_DEFAULT_REGION"].find((name) => this.#env[name]);
    const value = from && this.#env[from];
    return value ? { value, from } : undefined;
  }

  async #ask(signal: AbortSignal): Promise<Found> {
    return await this.#metadata.get("placement/region", signal);
  }

  #unknown(lacking: string, why: string, hint: string) {
    return faults.DESTINATION_MACHINE_UNKNOWN({ name: this.#name, lacking, why, hint });
  }
}
