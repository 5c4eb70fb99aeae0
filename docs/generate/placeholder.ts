/**
 * Takes the place of a fault's detail, whatever its type, so that the message can be formatted without one: a
 * field prints as its name, `‹url›`, and so does the result of any of its methods. As a number it is 10 000, which
 * makes a duration `10s`.
 */
export function placeholder(name: string, owner = name): unknown {
  const label = `‹${name}›`;
  return new Proxy(() => {}, {
    get(_target, key) {
      if (key === Symbol.toPrimitive) return (hint: string) => (hint === "number" ? 10_000 : label);
      if (key === Symbol.iterator) return () => [placeholder(name)].values();
      if (key === "toJSON") return () => label;
      return typeof key === "string" ? placeholder(key, name) : undefined;
    },
    apply: () => placeholder(owner),
  });
}
