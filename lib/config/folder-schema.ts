import { z } from "zod";

/** A folder of the keyspace; the slash at its beginning or end may be left out. */
export const folderSchema = z
  .string()
  .regex(/^\/?[^\s/]+(\/[^\s/]+)*\/?$/, "expected a folder of the keyspace such as /services");
