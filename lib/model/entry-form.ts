/** How a store keeps an entry that is not simply its key, owned by a session. */
export interface EntryForm {
  /** It is not owned by the session: it is removed when the agent stops, but not when the agent is killed. */
  readonly isPersistent?: boolean;
  /** The store appends a number: `_` and 10 digits to its name in ZooKeeper, `/` and 20 digits in etcd. */
  readonly isNumbered?: boolean;
  /** Its name is its value, encoded as by Nerve. ZooKeeper only. */
  readonly encodesValue?: boolean;
  /** Its name in the store, if that is not the last part of its key: several numbered entries may have the same one. */
  readonly name?: string;
}

/** The longest encoded value that Nerve writes in a name. */
const maxEncodedLength = 65_536;

/**
 * The path at which a store keeps an entry, without `_` and the number of a numbered one. A name that encodes the value ends with
 * `_` in any case.
 */
export function storePathOf(key: string, value: string, form: EntryForm): string {
  const slash = key.lastIndexOf("/");
  const encoded = form.encodesValue ? nameOfValue(value) : undefined;
  const end = form.isNumbered ? "" : "_";
  const own = form.name ?? key.slice(slash + 1);
  const name = encoded === undefined ? own : `${encoded}${end}`;
  return `${key.slice(0, slash)}/${name}`;
}

/** `base64_<length>_<URL-safe base64 of the value>`; undefined if it would be too long. */
function nameOfValue(value: string): string | undefined {
  // Ruby pads it, and Node.js does not.
  const encoded = Buffer.from(value).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  return encoded.length > maxEncodedLength ? undefined : `base64_${encoded.length}_${encoded}`;
}
