import { HelperError } from "../../helpers/contract.ts";
import { isKeyValue, isMap, isNil, Struct, typeName } from "./types.ts";

/** `.name` of a value: a field of a struct, or a member of a map, which may be absent. Throws a HelperError for others. */
export function field(value: unknown, name: string): unknown {
  if (isKeyValue(value)) {
    if (name === "Key") return value.key;
    if (name === "Value") return value.value;
  } else if (value instanceof Struct) {
    if (Object.hasOwn(value.fields, name)) return value.fields[name];
  } else if (isMap(value)) {
    return Object.hasOwn(value, name) ? value[name] : undefined;
  }
  if (isNil(value)) throw new HelperError(`nil data; no entry for key ${JSON.stringify(name)}`);
  throw new HelperError(`can't evaluate field ${name} in type ${typeName(value)}`);
}
