import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { parseConfig } from "../../lib/config/load.ts";
import { read } from "../support/sources.ts";

/**
 * deploy/kubernetes.yaml is not applied to a cluster here. The tests check that it is YAML, that it has only the fields of
 * the API that are listed below, each of its type, and that its settings of sidekick are valid.
 */
const text = (await read("deploy/kubernetes.yaml")).get("deploy/kubernetes.yaml") ?? "";
const documents = parseAllDocuments(text);

/** The type of a value: a scalar, a list, or an object with these fields. */
type Shape = "string" | "number" | "boolean" | "strings by name" | [Shape] | Fields;
type Fields = { readonly [field: string]: Shape };

const probe: Fields = {
  httpGet: { path: "string", port: "string" },
  periodSeconds: "number",
  failureThreshold: "number",
};
const container: Fields = {
  ...{ name: "string", image: "string", restartPolicy: "string" },
  env: [{ name: "string", value: "string", valueFrom: { fieldRef: { fieldPath: "string" } } }],
  ports: [{ name: "string", containerPort: "number" }],
  ...{ startupProbe: probe, livenessProbe: probe, readinessProbe: probe },
  lifecycle: { preStop: { exec: { command: ["string"] } } },
  resources: { requests: "strings by name", limits: "strings by name" },
  securityContext: {
    allowPrivilegeEscalation: "boolean",
    capabilities: { drop: ["string"] },
    readOnlyRootFilesystem: "boolean",
  },
  volumeMounts: [{ name: "string", mountPath: "string", readOnly: "boolean" }],
};
const pod: Fields = {
  ...{ automountServiceAccountToken: "boolean", terminationGracePeriodSeconds: "number" },
  securityContext: { runAsNonRoot: "boolean", seccompProfile: { type: "string" } },
  ...{ initContainers: [container], containers: [container] },
  volumes: [
    {
      name: "string",
      configMap: { name: "string" },
      emptyDir: { medium: "string", sizeLimit: "string" },
    },
  ],
};
const kinds: Readonly<Record<string, Fields>> = {
  "v1 ConfigMap": {
    ...{ apiVersion: "string", kind: "string", metadata: { name: "string" } },
    data: "strings by name",
  },
  "apps/v1 Deployment": {
    ...{ apiVersion: "string", kind: "string", metadata: { name: "string" } },
    spec: {
      replicas: "number",
      selector: { matchLabels: "strings by name" },
      template: { metadata: { labels: "strings by name" }, spec: pod },
    },
  },
};

/** The unknown fields, and the fields of another type. */
function misfits(value: unknown, shape: Shape, at: string): readonly string[] {
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${at} is not a list`];
    return value.flatMap((item, i) => misfits(item, shape[0], `${at}[${i}]`));
  }
  if (shape === "number") return Number.isInteger(value) ? [] : [`${at} is not an integer`];
  if (shape === "boolean") return typeof value === "boolean" ? [] : [`${at} is not true or false`];
  if (shape === "string") return typeof value === "string" ? [] : [`${at} is not a string`];
  if (typeof value !== "object" || value === null) return [`${at} is not an object`];
  return Object.entries(value).flatMap(([field, inner]) => {
    const expected = shape === "strings by name" ? "string" : shape[field];
    return expected ? misfits(inner, expected, `${at}.${field}`) : [`${at}.${field}: unknown`];
  });
}

const [config, deployment] = documents.map((document) => document.toJS());

test("deploy/kubernetes.yaml has only fields of the Kubernetes API", () => {
  for (const document of documents) {
    assert.deepEqual([...document.errors, ...document.warnings], []);
    const found = document.toJS();
    const shape = kinds[`${found.apiVersion} ${found.kind}`];
    assert.ok(shape, `${found.apiVersion} ${found.kind}`);
    assert.deepEqual(misfits(found, shape, found.kind), []);
  }
});

test("deploy/kubernetes.yaml: sidekick accepts the configuration, and the probes use its address", () => {
  const { spec } = deployment.spec.template;
  const [sidekick] = spec.initContainers;
  const [web] = spec.containers;
  const env: Record<string, string> = Object.fromEntries(
    sidekick.env.map(({ name, value = "10.0.0.1" }: Record<string, string>) => [name, value]),
  );
  const plan = parseConfig(config.data["sidekick.yaml"], "sidekick.yaml", "yaml", {
    env,
    hostName: "web-1",
  });
  assert.equal(plan.status?.listen?.port, sidekick.ports[0].containerPort);
  assert.equal(plan.presence?.services[0]?.port, web.ports[0].containerPort);
  assert.equal(sidekick.restartPolicy, "Always");
  for (const name of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    const { path, port } = sidekick[name].httpGet;
    assert.equal(port, sidekick.ports[0].name);
    assert.match(path, /^\/(healthz|readyz)$/);
  }
  const volumes = spec.volumes.map(({ name }: { name: string }) => name);
  const mounted = sidekick.volumeMounts.map(({ name }: { name: string }) => name);
  assert.deepEqual(mounted, volumes);
  assert.deepEqual(deployment.spec.selector.matchLabels, deployment.spec.template.metadata.labels);
});

test("deploy/kubernetes.yaml: the application serves until it is drained", () => {
  const { spec } = deployment.spec.template;
  const commandOf = (of: typeof spec) => of.lifecycle.preStop.exec.command;
  const drain = commandOf(spec.initContainers[0]).at(-1);
  const [, sleep] = commandOf(spec.containers[0]);
  assert.ok(Number(sleep) > Number.parseInt(drain, 10));
  assert.ok(spec.terminationGracePeriodSeconds > Number(sleep) * 2 + 10);
});
