import { z } from "zod";
import { keyspaceSchema } from "../keyspace/schema.ts";
import { folderSchema } from "./folder-schema.ts";

/** Keyspaces by folder. */
export const mountsSchema = z
  .record(folderSchema, keyspaceSchema)
  .describe(
    "Further keyspaces, by folder: their keys are visible below it, and whatever keyspace has there is hidden. " +
      "See docs/served.md.",
  );
