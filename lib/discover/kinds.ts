import { createDocker } from "./docker/docker.ts";
import { schema } from "./docker/schema.ts";
import { createStatic, serviceSchema } from "./static.ts";

/** Every kind of discovery there is. To add one, write its file and name it here. */
export const kinds = {
  static: { schema: serviceSchema, create: createStatic },
  docker: { schema, create: createDocker },
};
