import { type Answer, blockingQuery, type Request } from "./answers.ts";
import { denied, failed, HttpError, notFound } from "./errors.ts";
import type { Consul } from "./state.ts";
import { transact } from "./transaction.ts";

const maxValueBytes = 512 * 1024;

/** `/kv/` and `/txn`. */
export async function keyRoute(request: Request, consul: Consul): Promise<Answer | undefined> {
  const { method, path, body } = request;
  if (path === "/txn" && method === "PUT") {
    assertSize(body);
    return transactRoute(request, consul);
  }
  if (!path.startsWith("/kv/")) return undefined;
  const key = path.slice("/kv/".length);
  if (method === "GET") return await read(request, key, consul);
  consul.acl.assertWrites(request.token, key);
  consul.assertLeader();
  if (method === "DELETE") return remove(request, key, consul);
  assertSize(body);
  return { body: write(request, key, consul) };
}

function assertSize(body: Buffer): void {
  if (body.length <= maxValueBytes) return;
  throw new HttpError(
    413,
    `Request body(${body.length} bytes) too large, max size: ${maxValueBytes} bytes.`,
  );
}

async function read(request: Request, key: string, consul: Consul): Promise<Answer> {
  const { query, token } = request;
  const { keys, indexes, acl } = consul;
  const isRecursive = query.has("recurse") || query.has("keys");
  if (!isRecursive && !acl.mayRead(token, key))
    throw denied(`Permission denied: token lacks permission 'key:read' on "${key}"`);
  const evaluate = () => {
    consul.assertLeader();
    const found = isRecursive
      ? keys.pairs(key)
      : [keys.get(key)].filter((pair) => pair !== undefined);
    const readable = found.filter(({ Key }) => acl.mayRead(token, Key));
    const index = isRecursive ? keys.indexBelow(key) : keys.indexOf(key);
    const headers =
      readable.length < found.length ? { "X-Consul-Results-Filtered-By-ACLs": "true" } : {};
    if (readable.length === 0) return { index, answer: { status: 404, headers, body: "" } };
    const [only] = readable;
    const shown = query.has("keys")
      ? namesOf(
          readable.map(({ Key }) => Key),
          key,
          query.get("separator") ?? "",
        )
      : query.has("raw")
        ? Buffer.from(only?.Value ?? "", "base64")
        : readable;
    return { index, answer: { headers, body: shown } };
  };
  return await blockingQuery(request, indexes, evaluate, consul.random);
}

/** The keys up to the first separator after the prefix. */
function namesOf(names: readonly string[], prefix: string, separator: string): readonly string[] {
  if (separator === "") return names;
  const cut = names.map((name) => {
    const at = name.indexOf(separator, prefix.length);
    return at === -1 ? name : name.slice(0, at + separator.length);
  });
  return [...new Set(cut)];
}

function write(
  { query, body }: Request,
  key: string,
  { keys, sessions, indexes }: Consul,
): boolean {
  const written = { key, value: body, flags: Number(query.get("flags") ?? 0) };
  const [acquire, release, cas] = [query.get("acquire"), query.get("release"), query.get("cas")];
  let isDone = true;
  if (acquire !== null) {
    if (!sessions.get(acquire)) throw failed(`invalid session "${acquire}"`);
    isDone = !sessions.isDelayed(key) && keys.lock(written, acquire);
  } else if (release !== null) isDone = keys.unlock(written, release);
  else if (cas !== null) isDone = keys.compareAndSet(written, Number(cas));
  else keys.set(written);
  indexes.wake();
  return isDone;
}

function remove({ query, token }: Request, key: string, { keys, indexes, acl }: Consul): Answer {
  const cas = query.get("cas");
  if (cas !== null) {
    const isSame = keys.get(key)?.ModifyIndex === Number(cas);
    if (isSame) keys.remove(key);
    indexes.wake();
    return { body: isSame };
  }
  const removed = query.has("recurse") ? keys.pairs(key).map(({ Key }) => Key) : [key];
  for (const one of removed) acl.assertWrites(token, one);
  for (const one of removed) keys.remove(one);
  indexes.wake();
  return { body: true };
}

function transactRoute({ body, token }: Request, consul: Consul): Answer {
  consul.assertLeader();
  const operations = JSON.parse(body.toString()) as readonly {
    readonly KV?: { readonly Key: string; readonly Verb: string };
  }[];
  for (const { KV } of operations) {
    if (!KV) throw notFound("no operation");
    if (!KV.Verb.startsWith("get") && !KV.Verb.startsWith("check"))
      consul.acl.assertWrites(token, KV.Key);
  }
  const answer = transact(operations, consul.keys, consul.sessions);
  consul.indexes.wake();
  return { status: answer.Errors ? 409 : 200, body: answer };
}
