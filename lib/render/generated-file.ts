import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Clock } from "../base/clock.ts";
import { shortageIn } from "../base/shortage.ts";
import type { Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Omission } from "./contract.ts";
import { faults } from "./faults.ts";
import { createGenerator, type GeneratorSettings, type ServiceGenerator } from "./generators.ts";
import { Prefixes } from "./prefixes.ts";
import { allServices } from "./reads.ts";
import type { TemplateSettings } from "./template-file.ts";
import type { RenderedTarget, TextSource, View } from "./text-source.ts";

type GeneratedFileSettings = Pick<TemplateSettings, "source" | "prefixes" | "target"> & {
  readonly generator: GeneratorSettings;
};

/** A file whose text a generator makes, from the services and from the text that the file has. */
export class GeneratedFile implements TextSource {
  readonly settings: GeneratedFileSettings;
  readonly name: string;
  readonly digest: string;
  readonly environment: ReadonlySet<string> = new Set();
  /** It is generated from services alone. */
  readonly reads = allServices;
  /** A text depends on the one before. */
  readonly isRepeatable = false;
  readonly canTryOut = true;
  /** Its settings are those of the configuration, which is not read again. */
  readonly watched: readonly string[] = [];
  readonly #generator: ServiceGenerator;
  readonly #prefixes: Prefixes;
  readonly #clock: Clock;
  /** The text of the target; undefined while there is no such file. */
  #text: string | undefined;
  #state: unknown;
  #wasRendered = false;

  private constructor(settings: GeneratedFileSettings, text: string | undefined, clock: Clock) {
    this.settings = settings;
    this.name = basename(settings.target.path);
    this.digest = digestOf(settings.generator);
    this.#generator = createGenerator(settings.generator);
    this.#prefixes = new Prefixes(settings.prefixes);
    this.#clock = clock;
    this.#text = text;
  }

  /** Reads the present text of the target. Throws RENDER_RESOURCES_EXHAUSTED. */
  static async open(settings: GeneratedFileSettings, clock: Clock): Promise<GeneratedFile> {
    return new GeneratedFile(settings, await presentText(settings.target.path), clock);
  }

  async reload(): Promise<boolean> {
    return false;
  }

  /** Also on the time, and on the text before. */
  dependsOn(): boolean {
    return true;
  }

  installed(text: string): void {
    this.#text = text;
  }

  /** From the text that the target has. */
  async tryOut({ services }: View): Promise<string> {
    const nowMs = this.#clock.now();
    return this.#generator.generate(services, this.#recalled(nowMs), nowMs).text;
  }

  async render({ snapshot, services }: View): Promise<RenderedTarget> {
    const nowMs = this.#clock.now();
    this.#state = this.#recalled(nowMs);
    const { text, omitted } = this.#generator.generate(services, this.#state, nowMs);
    const lacksKeys = !this.#wasRendered && this.#prefixes.isEmptyIn(snapshot);
    this.#wasRendered = true;
    return { text, quarantined: omitted.map((one) => quarantined(one, snapshot)), lacksKeys };
  }

  /** The state of the text that the target has. */
  #recalled(nowMs: number): unknown {
    const [text, state] = [this.#text, this.#state];
    return text === undefined ? state : this.#generator.recall(text, nowMs, state);
  }
}

/** Undefined for a file that cannot be read: it is reported when it is to be replaced. */
async function presentText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const lack = shortageIn(error);
    if (lack !== undefined) throw faults.RENDER_RESOURCES_EXHAUSTED({ path, lack }, error);
    return undefined;
  }
}

function quarantined({ subject: key, why, isPartial }: Omission, snapshot: Snapshot): Quarantined {
  const revision = snapshot.get(key)?.revision ?? "";
  return isPartial
    ? { key, revision, why: `only a part of it, since ${why}`, isPartial }
    : { key, revision, why };
}

function digestOf(settings: GeneratorSettings): string {
  const text = JSON.stringify(settings, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return createHash("sha256").update(text).digest("hex");
}
