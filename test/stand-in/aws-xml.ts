/** An element with children that are XML already. */
export function element(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join("")}</${name}>`;
}

/** An element with a text. */
export function field(name: string, value: string | number): string {
  const text = String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<${name}>${text.replaceAll(">", "&gt;")}</${name}>`;
}

/** The members `Name.member.1`, `Name.member.2` … of a request, as objects: `{ Id: "i-1", Port: "80" }`. */
export function listIn(
  parameters: URLSearchParams,
  name: string,
): readonly Readonly<Record<string, string | undefined>>[] {
  const items: Record<string, string>[] = [];
  for (const [key, value] of parameters) {
    const [list, member, number, inner = ""] = key.split(".");
    if (list !== name || member !== "member") continue;
    const index = Number(number) - 1;
    items[index] = { ...items[index], [inner]: value };
  }
  return items;
}
