import { formatAddress } from "../../model/endpoint.ts";
import type { Endpoint } from "../../model/pool.ts";
import type { NamedSources, Source, SourceFolder } from "../../view/sources.ts";
import { literal } from "./keyspace-settings.ts";
import { given, type Settings } from "./minimal.ts";

/** The sources of services, each in its shortest form. */
export function sourcesSettings(sources: NamedSources): Settings {
  return Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [name, sourceSettings(source)]),
  );
}

function sourceSettings({ folders, mode, instances }: Source): unknown {
  const written = folders.map(folderSettings);
  const isUnion = mode === "union";
  if (isUnion && instances.length === 0 && written.length > 0) {
    return written.length === 1 ? written[0] : written;
  }
  return given({
    ...(written.length > 0 && (isUnion ? { union: written } : { first: written })),
    instances:
      instances.length > 0 || written.length === 0 ? instances.map(instanceSettings) : undefined,
  });
}

function folderSettings({ path, endpoint }: SourceFolder): string | Settings {
  return endpoint === undefined ? literal(path) : literal({ path, endpoint });
}

function instanceSettings({ host, port, name, weight, labels }: Endpoint): Settings {
  return given({
    ...literal({ host, port }),
    name: name === formatAddress({ host, port }) ? undefined : literal(name),
    weight: weight === 1 ? undefined : weight,
    labels: Object.keys(labels).length === 0 ? undefined : literal({ ...labels }),
  });
}
