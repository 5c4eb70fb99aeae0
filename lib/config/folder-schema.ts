import { z } from "zod";

const expected = "expected a folder of the keyspace such as /services";

/** A folder of the keyspace; the slash at its beginning or end may be left out. */
export const folderSchema = z.string().regex(/^\/?[^\s/]+(\/[^\s/]+)*\/?$/, expected);

/** A folder of the keyspace, or `/` for its root. */
export const prefixSchema = z
  .string()
  .regex(/^(\/|\/?[^\s/]+(\/[^\s/]+)*\/?)$/, `${expected}, or / for the root`);
