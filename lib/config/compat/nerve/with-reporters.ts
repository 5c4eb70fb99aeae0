import type { Field, ObjectNode } from "../../located/tree.ts";

/** The same configuration, in which each service names its reporter: ZooKeeper is the default. */
export function withReporters(root: ObjectNode): ObjectNode {
  const services = root.fields.get("services");
  if (services?.value.kind !== "object") return root;
  const named = [...services.value.fields].map(
    ([name, field]) => [name, withReporter(field)] as const,
  );
  const value = { ...services.value, fields: new Map(named) };
  return { ...root, fields: new Map(root.fields).set("services", { ...services, value }) };
}

function withReporter(service: Field): Field {
  const { value: settings } = service;
  if (settings.kind !== "object") return service;
  const given = settings.fields.get("reporter_type")?.value;
  if (given && (given.kind !== "scalar" || given.value !== null)) return service;
  const { position } = settings;
  const value = { kind: "scalar", position, value: "zookeeper" } as const;
  const fields = new Map(settings.fields).set("reporter_type", { keyPosition: position, value });
  return { ...service, value: { ...settings, fields } };
}
