import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { outputOf } from "../support/process.ts";

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The certificates of a server and a client, issued by one authority. */
export interface Authority {
  /** For `localhost` and the given addresses. */
  readonly server: Certificates;
  /** With the common name `app`. */
  readonly client: Certificates;
}

/** Creates an authority and certificates for `addresses` and `hosts` in the folder `tls` below `folder`. */
export async function makeCertificates(
  folder: string,
  addresses: readonly string[],
  hosts: readonly string[] = [],
): Promise<Authority> {
  const tls = join(folder, "tls");
  await mkdir(tls);
  const openssl = async (...args: string[]) => {
    await outputOf(["openssl", ...args], { cwd: tls });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.crt"];
  await openssl("req", "-x509", ...newKey, ...authority);
  const names = [
    ...["localhost", ...hosts].map((host) => `DNS:${host}`),
    ...addresses.map((address) => `IP:${address}`),
  ].join(",");
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

/** Writes a certificate and its key to one file, as Java servers expect. */
export async function inOneFile({ cert, key }: Certificates, path: string): Promise<string> {
  const texts = [await readFile(key, "utf8"), await readFile(cert, "utf8")];
  await writeFile(path, texts.join(""));
  return path;
}
