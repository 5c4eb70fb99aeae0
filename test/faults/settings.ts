import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Certificates } from "../real/certificates.ts";
import type { App } from "./app.ts";

/** Writes the configurations of the agents of a test to a folder. */
export class Settings {
  readonly folder: string;
  /** The credentials, as settings of the keyspace. */
  readonly #access: Readonly<Record<string, string>>;
  readonly #url: string;

  private constructor(folder: string, url: string, access: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.#url = url;
    this.#access = access;
  }

  /** Copies the certificates so that a test can replace them. */
  static async make(
    folder: string,
    url: string,
    certificates: Certificates | undefined,
    password: string | undefined,
  ): Promise<Settings> {
    const access: Record<string, string> = {};
    for (const [name, path] of Object.entries(certificates ?? {})) {
      access[name] = join(folder, `${name}.pem`);
      await copyFile(path, access[name]);
    }
    if (password !== undefined) {
      access.user = "app";
      access.passwordFile = join(folder, "password");
      await writeFile(access.passwordFile, password);
    }
    return new Settings(folder, url, access);
  }

  /** The file of the CA certificate that the agents trust. */
  get authority(): string {
    return join(this.folder, "ca.pem");
  }

  get passwordFile(): string {
    return join(this.folder, "password");
  }

  /** Writes a configuration that registers instances while they listen. Resolves with its path. */
  async presence(
    name: string,
    ttlMs: number,
    apps: readonly Pick<App, "key" | "host" | "port">[],
  ): Promise<string> {
    const services = apps.map(({ key, host, port }) => {
      const [, , service, id] = key.split("/");
      const check = { type: "tcp", interval: "200ms", timeout: "1s", rise: 1, fall: 2 };
      return { name: service, id, host, port, checks: [check] };
    });
    return await this.#write(name, { presence: { ttl: `${ttlMs}ms`, name: "app", services } });
  }

  /** Writes a configuration that renders each instance as a line of `target`. Resolves with its path. */
  async watch(name: string, target: string): Promise<string> {
    await mkdir(join(target, ".."), { recursive: true });
    const line = "{{key}} {{address}} {{weight}}\n";
    const template = `{{#each services}}\n{{#each instances}}\n${line}{{/each}}\n{{/each}}\n`;
    await writeFile(join(this.folder, `${name}.hbs`), template);
    const templates = [{ source: `${name}.hbs`, target, prefixes: ["/services"] }];
    return await this.#write(name, { watch: { templates, snapshotCache: this.cacheOf(name) } });
  }

  /** The snapshot cache of a watcher, beside which it keeps its journal. */
  cacheOf(name: string): string {
    return join(this.folder, `${name}.state`, "snapshot");
  }

  async #write(name: string, section: object): Promise<string> {
    const path = join(this.folder, `${name}.json`);
    const keyspace = { url: this.#url, ...this.#access };
    await writeFile(path, JSON.stringify({ keyspace, ...section }));
    return path;
  }
}
