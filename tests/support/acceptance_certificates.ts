/** Certificates for tests, made by openssl: one authority, and servers that it vouches for. */

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** The file with the authority's own certificate, for whoever is to trust it. */
  readonly path: string;
  /** A certificate for these names (`IP:127.0.0.1`, `DNS:example.org`). */
  issue(names: string, validity?: Validity): Promise<Certificate>;
}

/** From when to when, as `YYYYMMDDhhmmssZ`. Two days from now on by default. */
export interface Validity {
  readonly from: string;
  readonly to: string;
}

const CONFIG = `
[ca]
default_ca = authority
[authority]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
default_days = 2
policy = any
unique_subject = no
[any]
commonName = supplied
`;

/** Makes an authority that keeps its files in `folder`. */
export async function newAuthority(folder: string): Promise<Authority> {
  const openssl = async (...args: readonly string[]) => {
    const { success, stderr } = await new Deno.Command("openssl", {
      args: [...args],
      cwd: folder,
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"];
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/config`, CONFIG);
  await Deno.writeTextFile(`${folder}/index`, "");
  await Deno.writeTextFile(`${folder}/serial`, "01\n");
  const self = ["-x509", "-days", "2", "-subj", "/CN=Authority for tests"];
  await openssl("req", ...self, ...newKey, "authority.key", "-out", "authority.pem");

  let issued = 0;
  return {
    path: `${folder}/authority.pem`,
    issue: async (names, validity) => {
      const name = `server${issued++}`;
      await Deno.writeTextFile(`${folder}/${name}.extensions`, `subjectAltName=${names}\n`);
      const request = ["-subj", "/CN=server", "-out", `${name}.request`];
      await openssl("req", ...newKey, `${name}.key`, ...request);
      await openssl(
        ...["ca", "-batch", "-notext", "-config", "config"],
        ...["-cert", "authority.pem", "-keyfile", "authority.key"],
        ...["-in", `${name}.request`, "-out", `${name}.pem`],
        ...["-extfile", `${name}.extensions`],
        ...(validity === undefined ? [] : ["-startdate", validity.from, "-enddate", validity.to]),
      );
      const read = (file: string) => Deno.readTextFile(`${folder}/${file}`);
      return { cert: await read(`${name}.pem`), key: await read(`${name}.key`) };
    },
  };
}
