import { isDeepStrictEqual } from "node:util";
import type { GeneratorSettings } from "../../render/generators.ts";
import { guardSchema } from "../guard-schema.ts";
import { limitsSchema } from "../limits-schema.ts";
import type { Plan, PresencePlan, ServicePlan, TemplatePlan, WatchPlan } from "../plan.ts";

/**
 * The same plan in the form in which two plans with the same effect are equal: settings that decide nothing have their defaults,
 * and the names of files and settings that are only shown are left out.
 */
export function effective({ presence, watch, ...plan }: Plan): Plan {
  const { keyspace } = plan;
  const { location } = keyspace;
  const isAll = location.kind === "yaml" && location.filter === "*";
  const access = Object.entries(keyspace.access).filter(([, value]) => value !== undefined);
  return {
    ...plan,
    keyspace: {
      ...keyspace,
      ...(isAll && { location: { kind: "yaml", paths: location.paths } }),
      access: Object.fromEntries(access),
    },
    ...(presence && { presence: presenceOf(presence) }),
    ...(watch && { watch: watchOf(watch) }),
  };
}

function presenceOf(presence: PresencePlan): PresencePlan {
  return { ...presence, services: presence.services.map(serviceOf) };
}

function serviceOf({ form = {}, ...service }: ServicePlan): ServicePlan {
  const { name, ...others } = form;
  const own = name === undefined || name === service.id ? others : form;
  return Object.keys(own).length === 0 ? service : { ...service, form: own };
}

const withoutServices = {
  ...{ limits: limitsSchema.parse({}), resolve: true },
  guard: { all: { ...guardOfAll() }, services: {} },
};

function guardOfAll() {
  const { services: _, retain: retainMs, ...rule } = guardSchema.parse({});
  return { ...rule, retainMs };
}

function watchOf(watch: WatchPlan): WatchPlan {
  const { services, sources = {}, templates } = watch;
  const isOfKeys = services === false && Object.keys(sources).length === 0;
  return {
    ...watch,
    ...(isOfKeys && withoutServices),
    ...(watch.sources && { sources: withoutPositions(watch.sources) }),
    templates: templates.map((one) => templateOf(one, templates)),
  };
}

/** The key of an instance without an entry names its setting. */
function withoutPositions(sources: NonNullable<WatchPlan["sources"]>): WatchPlan["sources"] & {} {
  return Object.fromEntries(
    Object.entries(sources).map(([service, source]) => [
      service,
      { ...source, instances: source.instances.map((one) => ({ ...one, key: service })) },
    ]),
  );
}

function templateOf(template: TemplatePlan, all: readonly TemplatePlan[]): TemplatePlan {
  const { language: _, hidden, sourceFolders = [], isApart, ...rest } = template;
  const isShared = all.some((one) => one !== template && isDeepStrictEqual(one.proxy, rest.proxy));
  return {
    ...{ ...rest, name: "", source: "" },
    ...(rest.generator && { generator: generatorOf(rest.generator) }),
    ...(sourceFolders.length > 0 && { sourceFolders }),
    ...(hidden && !rest.generator && { hidden }),
    ...(isApart && isShared && { isApart }),
  };
}

function generatorOf(generator: GeneratorSettings): GeneratorSettings {
  const services = generator.services.map(({ filters, ...service }) => {
    const own = Object.entries(filters).filter(([, list]) => list.length > 0);
    return { ...service, filters: Object.fromEntries(own) };
  });
  return { ...generator, services };
}
