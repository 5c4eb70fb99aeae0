/** Discovery methods that there are no counterparts of, and what to use. */
export const refusedMethods: Readonly<Record<string, string>> = {
  ec2tag:
    "instances are not found by their EC2 tags: list them in default_servers, or register them with a presence agent",
  awstag:
    "instances are not found by their EC2 tags: list them in default_servers, or register them with a presence agent",
  marathon: "Marathon is not asked for tasks: register them with a presence agent",
  s3: "no settings are read from S3",
};

/** Resolvers of several watchers that there are no counterparts of. */
export const refusedResolvers: Readonly<Record<string, string>> = {
  s3_toggle: "no settings are read from S3: use union or sequential",
  fallback: "Synapse has no such resolver, either: use sequential",
};

/** Settings of former versions that belong in another section now, under the same name. */
const moved = ["port", "server_options", "listen", "frontend", "backend", "shared_frontend"];

/** Settings of former versions at another place, and where they are now. */
export const movedSettings: Readonly<Record<string, string>> = {
  ...Object.fromEntries(moved.map((key) => [key, `haproxy.${key}`])),
  local_port: "haproxy.port",
  server_port_override: "backend_port_override",
};
