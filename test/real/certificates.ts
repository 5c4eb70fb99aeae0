import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { outputOf } from "../support/process.ts";

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What a server and its clients have by one authority. */
export interface Authority {
  /** For `localhost` and the addresses that were asked for. */
  readonly server: Certificates;
  /** Of a client whose name is `app`. */
  readonly client: Certificates;
}

/** Makes an authority, and certificates by it for `addresses`, in a folder `tls` of this folder. */
export async function makeCertificates(
  folder: string,
  addresses: readonly string[],
): Promise<Authority> {
  const tls = join(folder, "tls");
  await mkdir(tls);
  const openssl = async (...args: string[]) => {
    await outputOf(["openssl", ...args], { cwd: tls });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.crt"];
  await openssl("req", "-x509", ...newKey, ...authority);
  const names = ["DNS:localhost", ...addresses.map((address) => `IP:${address}`)].join(",");
  await writeFile(
    join(tls, "names"),
    `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`,
  );
  const signed = async (name: string, subject: string): Promise<Certificates> => {
    const [key, request, cert] = [`${name}.key`, `${name}.csr`, `${name}.crt`];
    await openssl("req", ...newKey, "-subj", subject, "-keyout", key, "-out", request);
    const by = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
    await openssl("x509", "-req", "-in", request, ...by, "-days", "2", "-out", cert);
    return { ca: join(tls, "ca.crt"), cert: join(tls, cert), key: join(tls, key) };
  };
  return {
    server: await signed("server", "/CN=server"),
    client: await signed("client", "/CN=app"),
  };
}

/** One file with a certificate and its key, as servers in Java want it. */
export async function inOneFile({ cert, key }: Certificates, path: string): Promise<string> {
  const texts = [await readFile(key, "utf8"), await readFile(cert, "utf8")];
  await writeFile(path, texts.join(""));
  return path;
}
