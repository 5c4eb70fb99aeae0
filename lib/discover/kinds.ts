import { createDocker } from "./docker/docker.ts";
import { schema } from "./docker/schema.ts";
import { createStatic, serviceSchema } from "./static.ts";

/** All kinds of discovery. To add one, write its file and list it here. */
export const kinds = {
  static: { schema: serviceSchema, create: createStatic },
  docker: { schema, create: createDocker },
};
