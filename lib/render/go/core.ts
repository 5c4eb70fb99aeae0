import type { Helper, Helpers } from "../helpers/contract.ts";
import { HelperError } from "../helpers/contract.ts";
import { internal } from "./lower/internal.ts";
import { memberOf } from "./member.ts";
import { Float, integerOf } from "./values/numbers.ts";
import { printed, sortedKeys } from "./values/print.ts";
import { truth } from "./values/truth.ts";
import { isList, isMap, isNil, typeName } from "./values/types.ts";

/** A variable that is assigned to. */
class Cell {
  value: unknown;
  isSet: boolean;

  constructor(values: readonly unknown[]) {
    [this.value] = values;
    this.isSet = values.length > 0;
  }
}

/** The helpers that lowered templates call besides the functions. */
export const core: Helpers = {
  [internal.float]: inner(([value]) => new Float(Number(value))),
  [internal.field]: inner(([value, ...names]) => memberOf(value, names as string[])),
  [internal.chain]: inner(([value, ...names]) => memberOf(value ?? undefined, names as string[])),
  [internal.truth]: inner(([value]) => truth(value)),
  [internal.items]: inner(([value, hasTwo]) => items(value, hasTwo === true)),
  [internal.cell]: inner((values) => new Cell(values)),
  [internal.get]: inner(([cell]) => get(cell as Cell)),
  [internal.set]: inner(([cell, value]) => set(cell as Cell, value)),
  [internal.unset]: inner(([cell]) => !(cell as Cell).isSet),
  [internal.discard]: inner(() => ""),
};

/** What these return is part of an argument, which a frame or a loop shows already: the origin is not recorded again. */
function inner(of: (args: readonly unknown[]) => unknown): Helper {
  return { usage: "", returns: "", pure: true, isTraced: false, run: of };
}

function get({ isSet, value }: Cell): unknown {
  if (isSet) return value;
  throw new HelperError("the variable is used before the (…) that declares it");
}

function set(cell: Cell, value: unknown): unknown {
  cell.value = value ?? undefined;
  cell.isSet = true;
  return cell.value;
}

const nothing: readonly unknown[] = [];

/** The items of a list, the members of a map in the order of their keys, or the numbers below one, which have no position. */
function items(value: unknown, hasTwo: boolean): unknown {
  if (isList(value)) return value;
  if (isNil(value)) return nothing;
  if (isMap(value)) return new Map(sortedKeys(value).map((key) => [key, value[key]]));
  const count = integerOf(value);
  if (count === undefined || hasTwo)
    throw new HelperError(`range can't iterate over ${describe(value)}`);
  return Array.from({ length: Math.max(0, limited(count)) }, (_, at) => at);
}

function describe(value: unknown): string {
  return `${JSON.stringify(printed(value))}, which is a ${typeName(value)}`;
}

/** A number from the keyspace must not exhaust the memory. */
function limited(count: number): number {
  if (count <= 100_000) return count;
  throw new HelperError(`range over ${count} would be longer than 100000 numbers`);
}
