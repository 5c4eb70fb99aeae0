import type { Pool } from "../model/pool.ts";
import type { Generator } from "./contract.ts";
import { type DiscoveredService, ofServices } from "./synapse/discovered.ts";
import { fileGenerator } from "./synapse/file-output.ts";
import { haproxyGenerator } from "./synapse/haproxy-config.ts";
import { nginxGenerator } from "./synapse/nginx-config.ts";
import type { NginxSettings } from "./synapse/nginx-settings.ts";
import type { HaproxySettings } from "./synapse/settings.ts";

/** The settings of each kind of generator. */
export type GeneratorSettings = { readonly services: readonly DiscoveredService[] } & (
  | { readonly kind: "synapse haproxy"; readonly settings: HaproxySettings }
  | { readonly kind: "synapse nginx"; readonly settings: NginxSettings }
  /** The file of one service. */
  | { readonly kind: "synapse file"; readonly service: string }
);

/** A generator of a text from services. Only itself reads its state. */
export type ServiceGenerator = Generator<readonly Pool[], unknown>;

export function createGenerator(given: GeneratorSettings): ServiceGenerator {
  switch (given.kind) {
    case "synapse haproxy":
      return ofServices(haproxyGenerator(given.settings), given.services);
    case "synapse nginx":
      return ofServices(nginxGenerator(given.settings), given.services);
    case "synapse file":
      return ofServices(fileGenerator(given.service), given.services);
  }
}
