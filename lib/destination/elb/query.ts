/** The parameters of a call in their order. A list of objects becomes `Targets.member.1.Id=…&Targets.member.1.Port=…`. */
export type Parameters = Readonly<Record<string, string | readonly Fields[]>>;
export type Fields = Readonly<Record<string, string | number>>;

export const contentType = "application/x-www-form-urlencoded; charset=utf-8";

/** The body of a call. */
export function queryBody(action: string, version: string, parameters: Parameters): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]): [string, string | number][] =>
    typeof value === "string"
      ? [[name, value]]
      : value.flatMap((fields, i) =>
          Object.entries(fields).map(([field, text]): [string, string | number] => [
            `${name}.member.${i + 1}.${field}`,
            text,
          ]),
        ),
  );
  const all = [["Action", action], ["Version", version], ...pairs];
  return all.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
}

/** As RFC 3986 has it: the signature covers these very bytes. */
function encoded(value: string | number | undefined): string {
  return encodeURIComponent(value ?? "").replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
