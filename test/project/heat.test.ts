import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocument } from "yaml";
import { read } from "../support/sources.ts";

/**
 * The templates of deploy/ for OpenStack Heat are not given to an OpenStack here. The tests check that they are YAML with the
 * sections, functions and resource types of the HOT specification of their version, and that everything they refer to is there.
 */
const names = ["deploy/heat.yaml", "deploy/heat-machine.yaml"] as const;
const texts = await read(...names, "deploy/cloud-config.yaml");

type Section = Readonly<Record<string, Json>>;
interface Json {
  readonly type?: string;
  readonly properties?: Section;
  readonly [member: string]: unknown;
}
interface Template {
  readonly heat_template_version: string;
  readonly parameters: Section;
  readonly conditions?: Section;
  readonly resources: Section;
  readonly outputs?: Section;
}

function templateOf(name: string): Template {
  const document = parseDocument(texts.get(name) ?? "");
  assert.deepEqual([...document.errors, ...document.warnings], [], name);
  return document.toJS();
}

/** The properties of the resource types in use, and the required ones. */
const types: Readonly<Record<string, { has: readonly string[]; needs: readonly string[] }>> = {
  "OS::Neutron::SecurityGroup": { has: ["name", "description", "rules"], needs: [] },
  "OS::Neutron::Port": {
    has: ["network", "security_groups", "fixed_ips", "name"],
    needs: ["network"],
  },
  "OS::Nova::ServerGroup": { has: ["name", "policies"], needs: [] },
  "OS::Nova::Server": {
    has: [
      ...["image", "flavor", "key_name", "networks", "scheduler_hints", "name"],
      ...["user_data_format", "user_data"],
    ],
    needs: ["flavor"],
  },
  "OS::Heat::ResourceGroup": { has: ["count", "resource_def"], needs: ["resource_def"] },
};

const functions = new Set([
  ...["get_param", "get_resource", "get_attr", "get_file", "str_replace", "list_join", "repeat"],
  ...["if", "equals", "not"],
]);

/** Every function of a template with its argument: an object with a single member whose name is that of one. */
function* callsIn(value: unknown): Generator<readonly [name: string, argument: unknown]> {
  if (typeof value !== "object" || value === null) return;
  const members = Object.entries(value);
  const [only] = members;
  if (only && members.length === 1 && functions.has(only[0])) yield only;
  for (const [, inner] of members) yield* callsIn(inner);
}

/** Why a resource does not fit its type: nothing if it does. */
function misfits({ type = "", properties = {} }: Json): readonly string[] {
  const nested = names.find((name) => name.endsWith(`/${type}`));
  const { has, needs } = nested
    ? parametersOf(templateOf(nested))
    : (types[type] ?? { has: [], needs: ["a known type"] });
  return [
    ...Object.keys(properties).flatMap((name) => (has.includes(name) ? [] : [`${type}: ${name}`])),
    ...needs.flatMap((name) => (name in properties ? [] : [`${type} without ${name}`])),
  ];
}

function parametersOf({ parameters }: Template) {
  const all = Object.entries(parameters);
  return {
    has: all.map(([name]) => name),
    needs: all.flatMap(([name, one]) => ("default" in one ? [] : [name])),
  };
}

const sections = new Set([
  ...["heat_template_version", "description", "parameters", "conditions", "resources", "outputs"],
]);

/** What a call needs, by function: the argument, its first item and the template. */
const checks: Readonly<
  Record<string, (argument: unknown, first: string, template: Template) => void>
> = {
  get_param: (_, first, { parameters }) => assert.ok(first in parameters, first),
  get_resource: (_, first, { resources }) => assert.ok(first in resources, first),
  get_attr: (_, first, { resources }) => assert.ok(first in resources, first),
  get_file: (_, first) => assert.ok(texts.has(`deploy/${first}`), first),
  if: (argument, first, { conditions = {} }) => {
    // Two arguments are of a later version.
    assert.equal((argument as unknown[]).length, 3);
    assert.ok(first in conditions, first);
  },
  repeat: (argument) => {
    const { for_each, template } = argument as { for_each: object; template: string };
    for (const one of Object.keys(for_each)) assert.ok(template.includes(one), one);
  },
};

for (const name of names) {
  test(`${name} has only sections and properties of Heat`, () => {
    const template = templateOf(name);
    assert.equal(template.heat_template_version, "2018-08-31");
    const unknown = Object.keys(template).filter((one) => !sections.has(one));
    assert.deepEqual(unknown, []);
    for (const resource of Object.values(template.resources)) {
      assert.deepEqual(misfits(resource), []);
      const inner = resource.properties?.resource_def as Json | undefined;
      if (inner) assert.deepEqual(misfits(inner), []);
    }
  });

  test(`${name} has everything that its functions refer to`, () => {
    const template = templateOf(name);
    const used = new Set<string>();
    for (const [call, argument] of callsIn(template)) {
      const first = String([argument].flat()[0]);
      checks[call]?.(argument, first, template);
      if (call === "get_param") used.add(first);
    }
    const unused = Object.keys(template.parameters).filter((one) => !used.has(one));
    assert.deepEqual(unused, [], "every parameter is used");
  });
}
