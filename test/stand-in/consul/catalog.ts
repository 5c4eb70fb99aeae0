import { parseGoDuration } from "./durations.ts";
import { badRequest, notFound } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import type { Indexes } from "./indexes.ts";

export interface CatalogService {
  readonly ID: string;
  readonly Service: string;
  readonly Tags: readonly string[];
  readonly Address: string;
  readonly Meta: Readonly<Record<string, string>>;
  readonly Port: number;
  readonly Weights: { readonly Passing: number; readonly Warning: number };
  readonly EnableTagOverride: boolean;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export type CheckStatus = "passing" | "warning" | "critical";

export interface CatalogCheck {
  readonly Node: string;
  readonly CheckID: string;
  readonly Name: string;
  readonly Status: CheckStatus;
  readonly Notes: string;
  readonly Output: string;
  readonly ServiceID: string;
  readonly ServiceName: string;
  readonly ServiceTags: readonly string[];
}

interface TtlCheck {
  readonly ttlMs: number;
  readonly deregisterAfterMs: number | undefined;
}

/** A node as the API shows it. */
export interface CatalogNode {
  readonly ID: string;
  readonly Node: string;
  readonly Address: string;
  readonly Datacenter: string;
  readonly TaggedAddresses: Readonly<Record<string, string>>;
  readonly Meta: Readonly<Record<string, string>>;
}

/** How long it takes until services that have been critical for their limit are looked for again, and the least limit. */
export interface ReaperTimes {
  readonly everyMs: number;
  readonly minAfterMs: number;
}

/** The services of one agent, its checks with a TTL, and maintenance mode; what the agent has is in the catalog at once. */
export class Catalog {
  readonly node: CatalogNode;
  readonly #services = new Map<string, CatalogService>();
  readonly #checks = new Map<string, CatalogCheck>();
  readonly #ttls = new Map<string, TtlCheck>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #criticalSince = new Map<string, number>();
  /** The index of the last change of each service by its name, also of one that has no instances left. */
  readonly #indexByName = new Map<string, number>();
  readonly #indexes: Indexes;
  readonly #reaper: NodeJS.Timeout;
  readonly #times: ReaperTimes;
  #index = 1;

  constructor(node: CatalogNode, indexes: Indexes, times: ReaperTimes) {
    this.node = node;
    this.#indexes = indexes;
    this.#times = times;
    this.#reaper = setInterval(() => this.#reap(), times.everyMs).unref();
  }

  get services(): readonly CatalogService[] {
    return [...this.#services.values()];
  }

  get checks(): readonly CatalogCheck[] {
    return [...this.#checks.values()];
  }

  /** That of the catalog. */
  get index(): number {
    return this.#index;
  }

  /** That of a service: of its last change, or of the catalog if it was never there. */
  indexOf(name: string): number {
    return this.#indexByName.get(name) ?? this.#index;
  }

  checksOf(id: string): readonly CatalogCheck[] {
    return this.checks.filter(({ ServiceID }) => ServiceID === id);
  }

  register(body: Readonly<Record<string, unknown>>): void {
    const { name = "", tags, meta, address = "", port = 0, weights, ...rest } = fieldsOf(body);
    if (name === "") throw badRequest("Missing service name");
    const id = String(rest.id || name);
    const before = this.#services.get(id);
    const index = this.#indexes.next();
    const service: CatalogService = {
      ID: id,
      Service: String(name),
      Tags: (tags ?? []) as readonly string[],
      Address: String(address),
      Meta: (meta ?? {}) as Readonly<Record<string, string>>,
      Port: Number(port),
      Weights: (weights ?? { Passing: 1, Warning: 1 }) as CatalogService["Weights"],
      EnableTagOverride: false,
      CreateIndex: before?.CreateIndex ?? index,
      ModifyIndex: index,
    };
    this.#services.set(id, service);
    const checks = [rest.check, ...((rest.checks ?? []) as unknown[])].filter(Boolean);
    for (const [i, check] of checks.entries()) {
      this.#addCheck(service, fieldsOf(check), i);
    }
    this.#touch(service.Service, index);
  }

  deregister(id: string): void {
    const service = this.#services.get(id);
    if (!service)
      throw notFound(
        `Unknown service ID "${id}". Ensure that the service ID is passed, not the service name.`,
      );
    this.#services.delete(id);
    for (const { CheckID } of this.checksOf(id)) this.#removeCheck(CheckID);
    this.#touch(service.Service, this.#indexes.next());
  }

  /** The answer to a TTL check: its clock begins anew. */
  update(checkId: string, status: CheckStatus, output: string): void {
    const check = this.#checks.get(checkId);
    if (!check)
      throw notFound(
        `Unknown check ID "${checkId}". Ensure that the check ID is passed, not the check name.`,
      );
    if (!this.#ttls.has(checkId))
      throw badRequest(`CheckID "${checkId}" does not have associated TTL`);
    this.#setStatus(check, status, output);
    this.#arm(checkId);
  }

  maintain(id: string, isOn: boolean, reason: string): void {
    const service = this.#services.get(id);
    if (!service)
      throw notFound(
        `Unknown service ID "${id}". Ensure that the service ID is passed, not the service name.`,
      );
    const checkId = `_service_maintenance:${id}`;
    if (isOn) {
      const text =
        reason ||
        "Maintenance mode is enabled for this service, but no reason was provided. This is a default message.";
      this.#checks.set(
        checkId,
        this.#checkOf(service, checkId, "Service Maintenance Mode", "critical", text),
      );
    } else this.#removeCheck(checkId);
    this.#touch(service.Service, this.#indexes.next());
  }

  /** The agent keeps services over a restart of its process; TTLs begin anew. */
  restartTimers(): void {
    for (const id of this.#ttls.keys()) this.#arm(id);
  }

  stopTimers(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    clearInterval(this.#reaper);
  }

  #addCheck(service: CatalogService, body: Readonly<Record<string, unknown>>, i: number): void {
    const id = String(
      body.checkid ?? body.id ?? `service:${service.ID}${i > 0 ? `:${i + 1}` : ""}`,
    );
    const before = this.#checks.get(id);
    // A check is critical until its first result, unless its definition has a status.
    const status = before?.Status ?? ((body.status || "critical") as CheckStatus);
    const name = String(body.name ?? `Service '${service.Service}' check`);
    this.#checks.set(id, this.#checkOf(service, id, name, status, before?.Output ?? ""));
    if (status === "critical" && !this.#criticalSince.has(id))
      this.#criticalSince.set(id, performance.now());
    const ttl = body.ttl;
    if (ttl === undefined) return;
    const after = body.deregistercriticalserviceafter;
    const afterMs = after === undefined ? undefined : parseGoDuration(String(after));
    const deregisterAfterMs = afterMs && Math.max(afterMs, this.#times.minAfterMs);
    this.#ttls.set(id, { ttlMs: parseGoDuration(String(ttl)), deregisterAfterMs });
    this.#arm(id);
  }

  #checkOf(
    service: CatalogService,
    id: string,
    name: string,
    status: CheckStatus,
    output: string,
  ): CatalogCheck {
    return {
      ...{
        Node: this.node.Node,
        CheckID: id,
        Name: name,
        Status: status,
        Notes: "",
        Output: output,
      },
      ...{ ServiceID: service.ID, ServiceName: service.Service, ServiceTags: service.Tags },
    };
  }

  #removeCheck(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#checks.delete(id);
    this.#ttls.delete(id);
    this.#criticalSince.delete(id);
  }

  #setStatus(check: CatalogCheck, status: CheckStatus, output: string): void {
    if (status !== "critical") this.#criticalSince.delete(check.CheckID);
    else if (!this.#criticalSince.has(check.CheckID))
      this.#criticalSince.set(check.CheckID, performance.now());
    if (check.Status === status && check.Output === output) return;
    this.#checks.set(check.CheckID, { ...check, Status: status, Output: output });
    this.#touch(check.ServiceName, this.#indexes.next());
  }

  #arm(id: string): void {
    clearTimeout(this.#timers.get(id));
    const { ttlMs = 0 } = this.#ttls.get(id) ?? {};
    const expire = () => {
      const check = this.#checks.get(id);
      if (check) this.#setStatus(check, "critical", "TTL expired");
    };
    this.#timers.set(id, setTimeout(expire, ttlMs));
  }

  #reap(): void {
    for (const [id, sinceMs] of [...this.#criticalSince]) {
      const { deregisterAfterMs } = this.#ttls.get(id) ?? {};
      const service = this.#checks.get(id)?.ServiceID;
      if (service === undefined || deregisterAfterMs === undefined) continue;
      if (performance.now() - sinceMs > deregisterAfterMs) this.deregister(service);
    }
  }

  #touch(name: string, index: number): void {
    this.#indexByName.set(name, index);
    this.#index = index;
    this.#indexes.wake();
  }
}
