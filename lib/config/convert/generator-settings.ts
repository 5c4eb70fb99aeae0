import { isDeepStrictEqual } from "node:util";
import type { GeneratorSettings } from "../../render/generators.ts";
import type { DiscoveredService } from "../../render/synapse/discovered.ts";
import { generatorSchema } from "../generator-schema.ts";
import { durationText } from "./duration-text.ts";
import { literal } from "./keyspace-settings.ts";
import { given, type Settings } from "./minimal.ts";

/** A generator as it is written, without its defaults. */
export function generatorSettings(generator: GeneratorSettings): Settings {
  const services = generator.services.map(serviceSettings);
  if (generator.kind === "synapse file") {
    const { kind, service } = generator;
    return shortest({ kind, service: literal(service), services });
  }
  const { orderSeed, ...rest } = generator.settings;
  const { keepsGoneMs, ...others } = { keepsGoneMs: undefined, ...rest };
  const settings = given({
    ...literal(others),
    orderSeed: numberOf(orderSeed),
    keepsGone: keepsGoneMs === undefined ? undefined : durationText(keepsGoneMs),
  });
  return shortest({ kind: generator.kind, settings, services });
}

/** As a string where a double cannot hold it. */
function numberOf(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function serviceSettings({ name, rules, ...rest }: DiscoveredService): Settings {
  return { name, ...literal(rest), rules: literal(rules) };
}

/** The settings without all members that the schema gives the same value, at any depth. */
function shortest(settings: Settings): Settings {
  const expected = generatorSchema.parse(settings);
  const isSame = (candidate: unknown) => {
    const result = generatorSchema.safeParse(candidate);
    return result.success && isDeepStrictEqual(result.data, expected);
  };
  return without(settings, isSame) as Settings;
}

/** `isSame` decides about the whole in which the value is replaced. */
function without(value: unknown, isSame: (candidate: unknown) => boolean): unknown {
  if (Array.isArray(value)) {
    return value.reduce<readonly unknown[]>(
      (list, item, i) =>
        list.with(
          i,
          without(item, (one) => isSame(list.with(i, one))),
        ),
      value,
    );
  }
  if (typeof value !== "object" || value === null) return value;
  let shorter: Settings = { ...value };
  for (const name of Object.keys(value)) {
    const { [name]: member, ...others } = shorter;
    const whole = shorter;
    if (isSame(others)) shorter = others;
    else
      shorter = { ...whole, [name]: without(member, (one) => isSame({ ...whole, [name]: one })) };
  }
  return shorter;
}
