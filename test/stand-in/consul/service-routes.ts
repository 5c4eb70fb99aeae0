import { type Answer, blockingQuery, type Request } from "./answers.ts";
import type { Catalog, CatalogCheck, CatalogNode, CatalogService, CheckStatus } from "./catalog.ts";
import { badRequest, notFound } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import type { Consul } from "./state.ts";

/** `/agent/`, `/catalog/`, `/health/`, `/session/` and `/status/`. */
export async function serviceRoute(request: Request, consul: Consul): Promise<Answer | undefined> {
  const { method, path } = request;
  const [area = "", verb = "", ...rest] = path.slice(1).split("/");
  const name = rest.join("/");
  if (area === "session") return await sessionRoute(request, verb, name, consul);
  if (method === "PUT" && area === "agent") return agentChange(request, verb, rest, consul);
  if (method !== "GET") return undefined;
  if (area === "agent") return agentRead(verb, consul);
  if (area === "status" && verb === "leader")
    return { body: JSON.stringify(consul.hasLeader ? "127.0.0.1:8300" : "") };
  if (area === "catalog" || area === "health")
    return await query(request, `${area}/${verb}`, name, consul);
  return undefined;
}

function agentRead(what: string, { catalog }: Consul): Answer | undefined {
  if (what === "self") {
    const { Node, Datacenter } = catalog.node;
    return { body: { Config: { Datacenter, NodeName: Node }, Member: { Name: Node } } };
  }
  const byId = (all: readonly (readonly [string, unknown])[]) => ({
    body: Object.fromEntries(all),
  });
  if (what === "services") return byId(catalog.services.map((one) => [one.ID, one]));
  if (what === "checks") return byId(catalog.checks.map((one) => [one.CheckID, one]));
  return undefined;
}

const statuses: Readonly<Record<string, CheckStatus>> = {
  pass: "passing",
  warn: "warning",
  fail: "critical",
};

/** The agent keeps these itself: they need no leader. */
function agentChange(
  request: Request,
  area: string,
  [verb = "", ...rest]: readonly string[],
  consul: Consul,
): Answer | undefined {
  const isDone =
    area === "service"
      ? changeService(request, verb, rest.join("/"), consul)
      : area === "check" && changeCheck(request, verb, rest.join("/"), consul);
  return isDone ? { body: "" } : undefined;
}

function changeService(
  { query, body, token }: Request,
  verb: string,
  id: string,
  { catalog, acl }: Consul,
): boolean {
  if (verb === "register") {
    const service = JSON.parse(body.toString()) as Record<string, unknown>;
    acl.assertService(token, String(fieldsOf(service).name));
    catalog.register(service);
    return true;
  }
  acl.assertService(token, catalog.services.find(({ ID }) => ID === id)?.Service ?? "");
  if (verb === "deregister") catalog.deregister(id);
  else if (verb !== "maintenance") return false;
  else if (!query.has("enable")) throw badRequest("Missing value for enable");
  else catalog.maintain(id, query.get("enable") === "true", query.get("reason") ?? "");
  return true;
}

function changeCheck(
  { query, token }: Request,
  verb: string,
  id: string,
  { catalog, acl }: Consul,
): boolean {
  const status = statuses[verb];
  if (!status) return false;
  const check = catalog.checks.find(({ CheckID }) => CheckID === id);
  if (check) acl.assertService(token, check.ServiceName);
  catalog.update(id, status, query.get("note") ?? "");
  return true;
}

async function query(
  request: Request,
  what: string,
  name: string,
  consul: Consul,
): Promise<Answer | undefined> {
  const result = queries[what];
  if (!result) return undefined;
  const { catalog, acl, indexes } = consul;
  const evaluate = () => {
    consul.assertLeader();
    const { services } = catalog;
    const visible = services.filter(({ Service }) => acl.mayReadService(request.token, Service));
    const named = visible.filter(({ Service }) => Service === name);
    const { index, body } = result({ catalog, visible, named, name, request });
    const isFiltered = visible.length < services.length;
    const headers = isFiltered ? { "X-Consul-Results-Filtered-By-ACLs": "true" } : {};
    return { index, answer: { headers, body } };
  };
  return await blockingQuery(request, indexes, evaluate, consul.random);
}

interface Asked {
  readonly catalog: Catalog;
  readonly visible: readonly CatalogService[];
  readonly named: readonly CatalogService[];
  readonly name: string;
  readonly request: Request;
}

const queries: Readonly<
  Record<string, (asked: Asked) => { readonly index: number; readonly body: unknown }>
> = {
  "catalog/nodes": ({ catalog }) => ({ index: catalog.index, body: [catalog.node] }),
  "catalog/services": ({ catalog, visible }) => {
    const byName = Map.groupBy(visible, ({ Service }) => Service);
    const tags = [...byName].map(([one, of]) => [one, [...new Set(of.flatMap((s) => s.Tags))]]);
    return { index: catalog.index, body: { consul: [], ...Object.fromEntries(tags) } };
  },
  "catalog/service": ({ catalog, named, name }) => {
    const { node } = catalog;
    const body = named.map(({ ID, Service, Tags, Address, Meta, Port, Weights }) => ({
      ...{ ...node, NodeMeta: node.Meta, ServiceID: ID, ServiceName: Service, ServiceTags: Tags },
      ...{ ServiceAddress: Address, ServiceMeta: Meta, ServicePort: Port, ServiceWeights: Weights },
    }));
    return { index: catalog.indexOf(name), body };
  },
  "health/service": ({ catalog, named, name, request }) => {
    const { node } = catalog;
    const entries = named.map((Service) => {
      return { Node: node, Service, Checks: [serfHealth(node), ...catalog.checksOf(Service.ID)] };
    });
    const isPassing = ({ Checks }: (typeof entries)[number]) =>
      Checks.every(({ Status }) => Status === "passing");
    const body = request.query.has("passing") ? entries.filter(isPassing) : entries;
    return { index: catalog.indexOf(name), body };
  },
  "health/checks": ({ catalog, named, name }) => {
    return { index: catalog.indexOf(name), body: named.flatMap(({ ID }) => catalog.checksOf(ID)) };
  },
};

function serfHealth({ Node }: CatalogNode): CatalogCheck {
  return {
    ...{ Node, CheckID: "serfHealth", Name: "Serf Health Status", Status: "passing", Notes: "" },
    ...{ Output: "Agent alive and reachable", ServiceID: "", ServiceName: "", ServiceTags: [] },
  };
}

async function sessionRoute(
  request: Request,
  verb: string,
  id: string,
  consul: Consul,
): Promise<Answer | undefined> {
  const { sessions, catalog, indexes } = consul;
  if (request.method === "PUT") {
    consul.assertLeader();
    const { body } = request;
    if (verb === "create") {
      const asked = body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
      return { body: { ID: sessions.create(asked, catalog.node.Node).ID } };
    }
    if (verb === "destroy") {
      sessions.destroy(id);
      return { body: true };
    }
    const session = verb === "renew" ? sessions.renew(id) : undefined;
    if (!session) throw notFound(`Session id '${id}' not found`);
    return { body: [session] };
  }
  const evaluate = () => {
    consul.assertLeader();
    const all = verb === "info" ? [sessions.get(id)].filter(Boolean) : sessions.all;
    return { index: sessions.index, answer: { body: all } };
  };
  return await blockingQuery(request, indexes, evaluate, consul.random);
}
