import type { SynapseServer } from "../../../../../lib/render/synapse/settings.ts";

/** Configurations in the shapes that people publish, and servers for each of their services. */
export const published: Readonly<
  Record<string, Readonly<Record<string, readonly SynapseServer[]>>>
> = {
  "local-ports.json": {
    ledger: [
      { host: "10.1.0.21", port: 7001, name: "ledger-a", number: 4 },
      { host: "10.1.0.22", port: 7001, name: "ledger-b", number: 6 },
      { host: "10.1.0.23", port: 7001, name: "ledger-c", number: 7, options: "backup" },
    ],
    "notes-db": [
      { host: "10.1.0.31", port: 3306, name: "db-b", number: 9 },
      { host: "10.1.0.30", port: 3306, name: "db-a", number: 2 },
    ],
  },
  "shared-frontend.yaml": {
    basket: [{ host: "10.1.1.1", port: 80, name: "basket1" }],
    prices: [{ host: "10.1.1.2", port: 80, name: "prices1" }],
  },
  "locations.json": {
    "photos.main": photos(),
    "photos.main.any": photos(),
    "photos.socket": photos(),
  },
  "containers.yaml": { thumbnails: [] },
  "names.json": {
    "reports-db": [
      { host: "10.4.0.20", port: 5432, name: "primary" },
      { host: "10.4.0.21", port: 5432, name: "replica" },
    ],
    cache: [{ host: "10.4.0.30", port: 1, name: "cache1" }],
  },
  "several.yaml": {
    mail: [{ host: "10.5.0.10", port: 25, name: "mx", weight: 3, labels: { az: "eu-1a" } }],
    jobs: [{ host: "10.5.0.11", port: 9999, name: "7", weight: 20 }],
  },
  "service-files.json": {
    tokens: [{ host: "10.6.0.9", port: 80, name: "t" }],
  },
};

function photos(): readonly SynapseServer[] {
  const west = { "region:west": "" };
  const east = { "region:east": "" };
  return [
    { host: "10.2.1.1", port: 31001, name: "host1", labels: west },
    { host: "10.2.1.2", port: 31002, name: "host2", labels: west },
    { host: "10.2.9.1", port: 31001, name: "host9", labels: east },
  ];
}
