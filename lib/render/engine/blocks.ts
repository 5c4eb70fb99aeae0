import Handlebars from "handlebars";
import { describe } from "../helpers/arguments.ts";
import { HelperError } from "../helpers/contract.ts";
import { Frame } from "./frames.ts";

/** The helpers of Handlebars that render a block for other contexts, and `lookup`. They work as Handlebars' own do. */

/** Renders a block for an item of a list, with the variables `data`. */
export type RenderItem = (frame: Frame, args: Handlebars.RuntimeOptions) => string;

/** `{{#each list}}`: the items of a list or the members of an object; `else` for anything else. */
export function each(
  frame: Frame,
  list: unknown,
  options: Handlebars.HelperOptions,
  renderItem: RenderItem,
): string {
  const members = membersOf(list);
  if (members.length === 0) return options.inverse(frame);
  const data = Handlebars.createFrame(options.data);
  const last = members.length - 1;
  let text = "";
  for (const [index, [key, value]] of members.entries()) {
    Object.assign(data, { key, index, first: index === 0, last: index === last });
    const item = new Frame(value, frame, list as object);
    text += renderItem(item, { data, blockParams: [value, key] });
  }
  return text;
}

function membersOf(list: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(list) || list instanceof Map) return [...list.entries()];
  return typeof list === "object" && list !== null ? Object.entries(list) : [];
}

/** `{{#with value}}`: the block for this value; `else` for an empty one. */
export function withValue(
  frame: Frame,
  value: unknown,
  options: Handlebars.HelperOptions,
  renderItem: RenderItem,
): string {
  const inner = frame.within(value);
  if (Handlebars.Utils.isEmpty(inner.value)) return options.inverse(frame);
  return renderItem(inner, { data: options.data, blockParams: [inner.value] });
}

/** A block with a name for a value, in the context around it. */
export function letBlock(this: Frame, value: unknown, options: Handlebars.HelperOptions): string {
  return options.fn(this, { data: options.data, blockParams: [value ?? undefined] });
}

/** The frame of `{{> partial value name=x}}`: the named arguments are added to the members of the value. */
export function partialContext(
  frame: Frame,
  value: unknown,
  hash: Readonly<Record<string, unknown>>,
): Frame {
  const inner = frame.within(value);
  if (Object.keys(hash).length === 0) return inner;
  const members = typeof inner.value === "object" ? inner.value : {};
  return new Frame(Object.assign(Object.create(null), members, hash), frame);
}

/** `{{lookup value member}}`, for a member of the value itself. Throws a HelperError for one that is a list or an object. */
export function lookup([value, member]: readonly unknown[]): unknown {
  if (typeof member === "object" && member !== null) {
    const found = describe(member);
    throw new HelperError(`lookup expects a name or a number, but the second argument is ${found}`);
  }
  if (!value) return value;
  return Object.getOwnPropertyDescriptor(Object(value), String(member))?.value;
}
