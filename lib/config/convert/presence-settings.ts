import { type CheckConfig, checkSchema } from "../../health/kinds.ts";
import type { EntryForm } from "../../model/entry-form.ts";
import type { PresencePlan, ServicePlan } from "../plan.ts";
import { presenceSchema } from "../presence-schema.ts";
import { presentServiceSchema } from "../present-service-schema.ts";
import { durationText } from "./duration-text.ts";
import { literal } from "./keyspace-settings.ts";
import { given, minimal, type Settings } from "./minimal.ts";

/** The section `presence` of a plan. */
export function presenceSettings(presence: PresencePlan): Settings {
  const { ttlMs, shutdownTimeoutMs, drainDelayMs, services, docker, prefix, ...rest } = presence;
  const settings = given({
    ttl: durationText(ttlMs),
    shutdownTimeout: durationText(shutdownTimeoutMs),
    drainDelay: durationText(drainDelayMs),
    prefix: prefix === "" ? "/" : prefix,
    ...literal(rest),
    services: services.map(serviceSettings),
    docker: docker && minimal(literal(docker), presenceSchema.shape.docker),
  });
  return minimal(settings, presenceSchema);
}

function serviceSettings(service: ServicePlan): Settings {
  const { name, host, port, id, path, form = {}, checks, ...rest } = service;
  const settings = given({
    ...literal({ name, host, port, id, path: path === "" ? "/" : path }),
    ...entrySettings(form, id),
    ...literal(rest),
    checks: checks.map(checkSettings),
  });
  return minimal(settings, presentServiceSchema);
}

function entrySettings(form: EntryForm, id: string | undefined): Settings {
  const { isPersistent = false, isNumbered = false, encodesValue, name } = form;
  const entry = isPersistent
    ? isNumbered
      ? "persistentSequential"
      : "persistent"
    : isNumbered
      ? "sequential"
      : undefined;
  return { entry, encodedName: encodesValue, nodeName: name === id ? undefined : literal(name) };
}

function checkSettings({ ofLabels: _, ...check }: CheckConfig): Settings {
  const { interval, timeout, ...rest } = check;
  const timing = { interval: durationText(interval), timeout: durationText(timeout) };
  const { type, ...others } = literal(rest);
  return minimal(given({ type, ...timing, ...others }), checkSchema);
}
