import { resolve } from "node:path";
import { Fault } from "../base/fault.ts";
import { resolveKeyspaceUrl } from "../keyspace/url.ts";
import type { PathResolver } from "./located/resolve-paths.ts";

/** How relative paths become absolute, by the `format` of a setting's schema. */
export const pathResolvers: Readonly<Record<string, PathResolver>> = {
  path: (text, folder) => resolve(folder, text),
  keyspace: (url, folder) => {
    try {
      return resolveKeyspaceUrl(url, folder);
    } catch (error) {
      // An invalid URL is left to the schema, which explains it.
      if (error instanceof Fault) return url;
      throw error;
    }
  },
};
