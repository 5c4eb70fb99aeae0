/** A configuration with its files, and what is wrong with it. */
export interface CheckCase {
  readonly title: string;
  /** Text by name; `sidekick.yaml` is the configuration. A name that ends in a slash is a folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Links by name. */
  readonly links?: Readonly<Record<string, string>>;
  readonly options?: { readonly fixture: string };
}

/** Wrong inputs, and at the end a valid one. Programs are looked up in the folder `bin`, in which are haproxy and false. */
export const checkCases: readonly CheckCase[] = [
  {
    title: "Settings",
    files: {
      "sidekick.yaml": `presence:
  ttl: ten seconds
  services:
    - { name: web, host: 10.0.0.1, prot: 80 }
    - name: api
      host: 10.0.0.1
      port: \${API_PORT}
watch:
  guard: { hold: 30s }
  templates: []
`,
    },
  },
  {
    title: "Commands",
    files: {
      "sidekick.yaml": `presence:
  services:
    - name: web
      host: 10.0.0.1
      port: 80
      checks: [{ type: exec, command: [./missing.sh] }]
watch:
  templates:
    - { source: a.hbs, target: out/a, check: [haproxy, -c, -f, /etc/haproxy/haproxy.cfg] }
    - { source: a.hbs, target: out/b, check: [haproxy, -c, -f, "{target}"] }
    - { source: a.hbs, target: out/c, check: [haproxy, -c, -f, "{{.src}}"] }
    - { source: a.hbs, target: out/d, check: ["haproxy -c -f {candidate}"] }
    - { source: a.hbs, target: out/e, check: [nginx, -t, -c, "{candidate}"] }
    - source: a.hbs
      target: out/f
      proxy: { type: haproxy, socket: out/admin.sock, reload: [systemctl, reload, haproxy] }
`,
      "a.hbs": "",
      "out/": "",
    },
  },
  {
    title: "Targets and sources",
    files: {
      "sidekick.yaml": `watch:
  templates:
    - { source: a.hbs, target: missing/a }
    - { source: a.hbs, target: a.hbs/a }
    - { source: a.hbs, target: out }
    - { source: a.hbs, target: out/same }
    - { source: a.hbs, target: out/same }
    - { source: a.hbs, target: link/same }
    - { source: haproxy.cgf.hbs, target: out/b }
`,
      "a.hbs": "",
      "out/": "",
    },
    links: { link: "out" },
  },
  {
    title: "Templates",
    files: {
      "sidekick.yaml": `watch:
  templates:
    - { source: a.hbs, target: out/a }
    - { source: b.hbs, target: out/b }
    - { source: c.hbs, target: out/c }
`,
      "a.hbs": `{{nmae}}
{{getv}}
{{getv "services/web"}} {{#each (gets "*/*")}}{{value}}{{/each}}
{{getv "/config/port"}} {{ls "/config"}}
{{add "a" 1}} {{add (len services) "1"}} {{atoi "x1"}} {{seq 1 2 3}}
{{toUper "a"}} {{> footer}}
{{#each services}}
{{#each instances}}{{adress}} {{../nam}} {{labels.zone}}{{/each}}
{{/each}}
`,
      "b.hbs": "{{#each services}}\n{{name}\n{{/each}}\n",
      "c.hbs": "{{#each services}}{{> line}}{{/each}}\n",
      "partials/line.hbs": "{{#each instances}}server {{nmae}} {{address}};{{/each}}\n",
      "out/": "",
    },
  },
  {
    title: "Services outside of the prefixes",
    files: {
      "sidekick.yaml": `watch:
  services: /docker/swarm
  templates:
    - { source: a.hbs, target: out/a, prefixes: [/config] }
    - { source: a.hbs, target: out/b, prefixes: [/docker/swarm/api] }
`,
      "a.hbs": `{{#each services}}{{name}}{{/each}}{{#each (instances "web")}}{{address}}{{/each}}\n`,
      "out/": "",
    },
  },
  {
    title: "Shipped templates that share a port",
    files: {
      "sidekick.yaml": `watch:
  templates:
    - { source: haproxy.cfg.hbs, target: out/haproxy.cfg }
    - { source: nginx.conf.hbs, target: out/nginx.conf }
`,
      "out/": "",
    },
  },
  {
    title: "Rendered from a fixture",
    files: {
      "sidekick.yaml": `watch:
  templates:
    - { source: a.hbs, target: out/a.conf, prefixes: [/services, /config] }
    - { source: b.hbs, target: out/b.conf, check: ["false", "{candidate}"] }
`,
      "a.hbs": `listen {{getv "/config/port"}};\n`,
      "b.hbs": "{{#each services}}{{name}}{{/each}}\n",
      "keys.yaml": "/services/web/10.0.0.1:80: { host: 10.0.0.1, port: 80 }\n",
      "out/": "",
    },
    options: { fixture: "keys.yaml" },
  },
  {
    title: "No problem",
    files: {
      "sidekick.yaml": `presence:
  services:
    - { name: web, host: 10.0.0.1, port: 80 }
    - { name: web, host: 10.0.0.1, port: 81 }
    - { name: web, host: 10.0.0.1, port: 82 }
    - { name: api, host: 10.0.0.1, port: 90 }
watch:
  templates:
    - { source: haproxy.cfg.hbs, target: out/haproxy.cfg, check: [haproxy, -c, -f, "{candidate}"] }
`,
      "out/": "",
    },
  },
];
