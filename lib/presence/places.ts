import { formatAddress } from "../model/endpoint.ts";
import { folderOf } from "../model/entry.ts";
import type { EntryForm } from "../model/entry-form.ts";
import type { Instance } from "../model/instance.ts";

/** An instance of the configuration, as far as it decides about the place of its entry. */
interface PlacedService extends Pick<Instance, "host" | "port"> {
  readonly name: string;
  readonly id?: string | undefined;
  /** The folder of its entry, if that is not `<prefix>/<name>`. */
  readonly path?: string;
  readonly form?: EntryForm;
}

/** What decides about the places of entries. */
export interface Placing {
  /** The folder that has a sub-folder for each service: `/services`. */
  readonly prefix: string;
  readonly services?: readonly PlacedService[];
}

/** Where the entries of instances are in the keyspace, and in which form. */
export interface Places {
  /** The key of an instance, by `nameOf`. */
  keyOf(name: string): string;
  /** The name of the instance that a key belongs to. */
  nameAt(key: string): string;
  /** Undefined for an entry at its key that the session owns. */
  formOf(key: string): EntryForm | undefined;
}

const known = new WeakMap<Placing, Places>();

/** The places of the instances of an agent, found out once. */
export function placesOf(placing: Placing): Places {
  const places = known.get(placing) ?? createPlaces(placing);
  known.set(placing, places);
  return places;
}

function createPlaces({ prefix: written, services = [] }: Placing): Places {
  const prefix = folderOf(written);
  const keys = new Map<string, string>();
  const names = new Map<string, string>();
  const forms = new Map<string, EntryForm>();
  for (const { name: service, path, form, ...one } of services) {
    const id = one.id ?? formatAddress(one);
    const name = `${service}/${id}`;
    const key = path === undefined ? `${prefix}/${name}` : `${path}/${id}`;
    if (path !== undefined) keys.set(name, key);
    names.set(key, name);
    if (form) forms.set(key, form);
  }
  return {
    keyOf: (name) => keys.get(name) ?? `${prefix}/${name}`,
    nameAt: (key) => names.get(key) ?? key.slice(prefix.length + 1),
    formOf: (key) => forms.get(key),
  };
}
