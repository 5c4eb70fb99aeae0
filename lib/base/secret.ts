import { excerpt } from "./excerpt.ts";

/** Stands for a value that may be secret. */
export const hidden = "(hidden)";

const telling =
  /passw|passphrase|secret|token|credential|authorization|cookie|(api|private)[-_.]?key/i;

/** Whole parts of a name, or the last word of one: `/app/key`, `tls-key`, `signingKey`, but not `keyspace` or `author`. */
const wholeParts = /(?:^|[^a-z0-9])(?:keys?|auth|pass|pwd)\d*(?=$|[/.[])/i;
const lastWord = /[a-z]Key(?=$|[^a-z])/;

/** Whether a key, a path or a variable names a secret: `/app/db/password`, `SIDEKICK_TOKEN`, `tls.key`. */
export function isSecretName(name: string): boolean {
  return telling.test(name) || wholeParts.test(name) || lastWord.test(name);
}

/** Whether an expression such as `{{atoi db.password}}` reads a value with the name of a secret, or any of the environment. */
export function isSecretExpression(text: string): boolean {
  return telling.test(text) || /\bgetenv\b/.test(text);
}

/** An excerpt of the value of `name`, unless the name is that of a secret. */
export function excerptOf(name: string, value: unknown, limit?: number): string {
  return isSecretName(name) ? hidden : excerpt(value, limit);
}

/** The secrets in the value of `name`: all of it, or the members of JSON that have the name of a secret. */
export function secretsIn(name: string, value: string): readonly string[] {
  if (isSecretName(name)) return [value.trim(), ...membersOf(value, true)];
  // Whether a text may have such a member is cheap to find out; most have none.
  return isSecretName(value.replaceAll('"', "/")) ? membersOf(value, false) : [];
}

/** The strings and numbers in a JSON text that are secret; none if it is no JSON text. */
function membersOf(text: string, areSecret: boolean): readonly string[] {
  if (!/^\s*[[{]/.test(text)) return [];
  try {
    return [...within(JSON.parse(text), areSecret)];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function* within(value: unknown, isSecret: boolean): Generator<string> {
  if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      yield* within(member, isSecret || isSecretName(name));
    }
  } else if (isSecret && value !== null) {
    yield String(value);
  }
}

/** The shortest part of a secret that is hidden where it stands alone: shorter ones are no secret, and common. */
const shortestPart = 4;

/**
 * Hides secrets that a program quotes, as nginx and haproxy quote a token that they do not understand: whole values, and
 * the parts into which a program may have divided them.
 */
export function hideSecrets(text: string, secrets: Iterable<string>): string {
  let hiding = text;
  const parts = new Set<string>();
  for (const secret of secrets) {
    if (secret.length >= shortestPart) parts.add(secret);
    for (const part of secret.split(/[\s;{}"'`\\,]+/)) {
      if (part.length >= shortestPart || part === secret) parts.add(part);
    }
  }
  for (const part of [...parts].filter(Boolean).sort((a, b) => b.length - a.length)) {
    hiding = hideAll(hiding, part);
  }
  return hiding;
}

/** A short secret is hidden as a whole word only: as a part of words it would make a message unreadable. */
function hideAll(text: string, part: string): string {
  if (part.length >= shortestPart) return text.replaceAll(part, hidden);
  const words = text.split(/([A-Za-z0-9_]+)/);
  return words.map((word) => (word === part ? hidden : word)).join("");
}
