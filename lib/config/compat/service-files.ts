import { formatPosition, type Problem } from "../located/problem.ts";
import type { Field, ObjectNode } from "../located/tree.ts";

/** A file of `service_conf_dir`. */
export interface ServiceFile {
  /** That of the service. */
  readonly name: string;
  /** Undefined if the text cannot be used. */
  readonly service: ObjectNode | undefined;
}

/** Adds the services that have files of their own. */
export function withServices(
  root: ObjectNode,
  files: readonly ServiceFile[],
  problems: Problem[],
): ObjectNode {
  if (files.length === 0) return root;
  const own = root.fields.get("services");
  const fields = new Map(own?.value.kind === "object" ? own.value.fields : []);
  for (const { name, service } of files) {
    if (!service) continue;
    const before = fields.get(name);
    const field: Field = { keyPosition: service.position, value: service };
    if (before) {
      const message = `the service ${name} is at ${formatPosition(before.keyPosition)}, too`;
      problems.push({ position: service.position, message });
    }
    fields.set(name, field);
  }
  const { position } = own?.value ?? root;
  const value = { kind: "object", position, fields } as const;
  const keyPosition = own?.keyPosition ?? position;
  return { ...root, fields: new Map(root.fields).set("services", { keyPosition, value }) };
}
