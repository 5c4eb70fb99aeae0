import type { Source } from "./contract.ts";
import { parse } from "./engine/parse.ts";
import { argumentsOf, type Call, type Expression, isCall, soleName } from "./engine/walk.ts";

/** An address that a shipped template listens on. */
export interface ListenAddress {
  /** The variable that sets it. */
  readonly variable: string;
  /** `*:8080`, `127.0.0.1:8080` or `unix:/run/a.sock`. */
  readonly address: string;
}

/** The addresses that a shipped template listens on: its variables whose names end in LISTEN, with their defaults. */
export function listeningOf(
  source: Source,
  env: Readonly<Record<string, string | undefined>>,
): readonly ListenAddress[] {
  const found = new Map<string, ListenAddress>();
  for (const [name, preset] of variables(parse(source))) {
    const address = env[name] || preset;
    if (name.endsWith("LISTEN") && address) found.set(name, { variable: name, address });
  }
  return [...found.values()];
}

/** Whether two programs cannot listen on both addresses: the port is the same, and so is the host, or one of them is any. */
export function isSharedPort(a: ListenAddress, b: ListenAddress): boolean {
  const [one, other] = [partsOf(a.address), partsOf(b.address)];
  const isAny = [one.host, other.host].some((host) => ["", "*", "0.0.0.0", "[::]"].includes(host));
  return one.port === other.port && (isAny || one.host === other.host);
}

function partsOf(address: string): { readonly host: string; readonly port: string } {
  if (address.startsWith("unix")) return { host: "unix", port: address };
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, Math.max(0, colon)), port: address.slice(colon + 1) };
}

/** The calls of `getenv` with a literal name and default. */
function* variables(program: hbs.AST.Program | undefined): Generator<[string, string]> {
  for (const statement of program?.body ?? []) {
    const { program: inner, inverse } = statement as Partial<hbs.AST.BlockStatement>;
    if ("path" in statement) yield* variablesOf(statement as hbs.AST.MustacheStatement);
    yield* variables(inner);
    yield* variables(inverse);
  }
}

function* variablesOf(call: Call): Generator<[string, string]> {
  const [name, preset] = call.params as readonly Partial<hbs.AST.StringLiteral>[];
  if (soleName(call.path as Expression) === "getenv" && typeof name?.value === "string") {
    yield [name.value, typeof preset?.value === "string" ? preset.value : ""];
  }
  for (const argument of argumentsOf(call)) if (isCall(argument)) yield* variablesOf(argument);
}
