/**
 * Stands for the detail of a fault, whatever its form, so that its sentence can be shown without one: a
 * field is shown by its name, `‹url›`, and so is what a method makes of it. As a number it is 10 000, which
 * makes a duration `10s`.
 */
export function standIn(name: string, owner = name): unknown {
  const shown = `‹${name}›`;
  return new Proxy(() => {}, {
    get(_target, key) {
      if (key === Symbol.toPrimitive) return (hint: string) => (hint === "number" ? 10_000 : shown);
      if (key === Symbol.iterator) return () => [standIn(name)].values();
      if (key === "toJSON") return () => shown;
      return typeof key === "string" ? standIn(key, name) : undefined;
    },
    apply: () => standIn(owner),
  });
}
