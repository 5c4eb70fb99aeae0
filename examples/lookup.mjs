// The addresses of a name, asked of one name server: node lookup.mjs NAME ADDRESS:PORT. As: dig +short NAME @ADDRESS -p PORT
import { Resolver } from "node:dns/promises";

const [name = "", server = ""] = process.argv.slice(2);
const resolver = new Resolver();
resolver.setServers([server]);
process.stdout.write(`${(await resolver.resolve4(name)).sort().join("\n")}\n`);
