import { type Certificate, newAuthority } from "../acceptance_certificates.ts";
import { type Server, startServer } from "./server.ts";

/** A request that came through, and what it brought along. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly status: number;
  /** Empty where there was none. */
  readonly authorization: string;
}

/** nginx before another server, which it lets people in to in different ways. https://nginx.org */
export interface Nginx extends Server {
  /** With TLS, signed by the authority; the server behind it asks for the login. */
  readonly tls: string;
  /** With TLS and a certificate of its own, for another name. */
  readonly selfSigned: string;
  /** With TLS; nginx lets in who shows a certificate of the authority, and nobody else. */
  readonly certified: string;
  /** With TLS; nginx lets in who shows the token, and nobody else. */
  readonly token: string;
  /** The path of a Unix socket, without TLS; the server behind it asks for the login. */
  readonly socket: string;
  /** The files of the authority's certificate and of another's, which signed nothing here. */
  readonly root: string;
  readonly foreignRoot: string;
  /** The fingerprint of the certificate that is self-signed, as openssl prints it. */
  readonly fingerprint: string;
  /** Certificates for a client: the authority's, and the foreign one's. */
  readonly client: Certificate;
  readonly foreignClient: Certificate;
  /** Every request so far, in its order. */
  requests(): Promise<readonly SeenRequest[]>;
}

export interface NginxOptions {
  /** Where the server behind it answers, without a slash at the end. */
  readonly backend: string;
  /** What that one wants to see of those whom nginx itself lets in: a value of Authorization. */
  readonly authorization: string;
  /** What nginx wants to see at `token`. */
  readonly token: string;
}

export const NGINX = "/usr/sbin/nginx";

/** Starts nginx (Debian: nginx-light). */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  let more: Omit<Nginx, keyof Server> | undefined;
  const server = await startServer({
    program: NGINX,
    package: "nginx-light",
    prepare: async (folder, port) => {
      more = await prepare(folder, port, options);
      return { args: ["-p", folder, "-c", `${folder}/nginx.conf`, "-e", `${folder}/error.log`] };
    },
  });
  if (more === undefined) throw new Error("nginx was not prepared");
  return { ...server, ...more };
}

async function prepare(
  folder: string,
  port: number,
  { backend, authorization, token }: NginxOptions,
): Promise<Omit<Nginx, keyof Server>> {
  const [authority, foreign] = [
    await newAuthority(`${folder}/authority`),
    await newAuthority(`${folder}/foreign`),
  ];
  const certificate = await authority.issue("IP:127.0.0.1,DNS:localhost");
  await Deno.writeTextFile(`${folder}/server.pem`, certificate.cert);
  await Deno.writeTextFile(`${folder}/server.key`, certificate.key);
  const fingerprint = await selfSign(folder);

  const [tls, selfSigned, certified, withToken] = freePorts(4);
  const tlsOf = (name: string) => [
    `ssl_certificate ${folder}/${name}.pem;`,
    `ssl_certificate_key ${folder}/${name}.key;`,
  ];
  const passOn = [
    "location / {",
    `  proxy_pass ${backend};`,
    "  proxy_set_header Host $http_host;",
    "}",
  ];
  const letIn = [
    "location / {",
    `  proxy_pass ${backend};`,
    "  proxy_set_header Host $http_host;",
    `  proxy_set_header Authorization "${authorization}";`,
    "}",
  ];
  const block = (listen: string, ...lines: readonly string[]) => [
    "server {",
    `listen ${listen};`,
    ...lines,
    "}",
  ];
  const lines = [
    "daemon off;",
    "worker_processes 1;",
    `pid ${folder}/pid;`,
    ...(Deno.uid() === 0 ? ["user root;"] : []),
    "events { worker_connections 128; }",
    "http {",
    ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) =>
      `${name}_temp_path ${folder}/${name};`
    ),
    'log_format seen escape=json \'["$request_method","$request_uri","$http_host",$status,' +
    '"$http_authorization"]\';',
    `access_log ${folder}/seen.log seen;`,
    "client_max_body_size 64m;",
    `map $http_authorization $known { default 0; "Bearer ${token}" 1; }`,
    ...block(`127.0.0.1:${port}`, ...passOn),
    ...block(`127.0.0.1:${tls} ssl`, ...tlsOf("server"), ...passOn),
    ...block(`127.0.0.1:${selfSigned} ssl`, ...tlsOf("own"), ...passOn),
    ...block(
      `127.0.0.1:${certified} ssl`,
      ...tlsOf("server"),
      `ssl_client_certificate ${authority.path};`,
      "ssl_verify_client on;",
      ...letIn,
    ),
    ...block(
      `127.0.0.1:${withToken} ssl`,
      ...tlsOf("server"),
      "set $realm 'Bearer realm=\"test\"';",
      "error_page 401 = @refused;",
      "if ($known = 0) { return 401; }",
      "location @refused {",
      "  add_header WWW-Authenticate $realm always;",
      "  return 401 'no token that is known';",
      "}",
      ...letIn,
    ),
    ...block(`unix:${folder}/socket`, ...passOn),
    "}",
  ];
  await Deno.writeTextFile(`${folder}/nginx.conf`, lines.join("\n") + "\n");
  const at = (port: number | undefined) => `https://127.0.0.1:${port}`;
  return {
    tls: at(tls),
    selfSigned: at(selfSigned),
    certified: at(certified),
    token: at(withToken),
    socket: `${folder}/socket`,
    root: authority.path,
    foreignRoot: foreign.path,
    fingerprint,
    client: await authority.issue("DNS:client.example"),
    foreignClient: await foreign.issue("DNS:client.example"),
    requests: () => readSeen(`${folder}/seen.log`),
  };
}

async function readSeen(path: string): Promise<readonly SeenRequest[]> {
  const text = await settled(path);
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const [method, path, host, status, authorization] = JSON.parse(line);
    return { method, path, host, status, authorization };
  })
    // What the test asked to see whether it has started.
    .filter(({ method, path }) => method !== "GET" || path !== "/");
}

/** What a log says once it stands still: nginx writes of a request only after it has answered. */
async function settled(path: string): Promise<string> {
  for (let before = "";; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const text = await Deno.readTextFile(path);
    if (text === before) return text;
    before = text;
  }
}

/** Makes `own.pem` and `own.key`; gives the fingerprint. */
async function selfSign(folder: string): Promise<string> {
  const openssl = async (...args: readonly string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("openssl", {
      args: [...args],
      cwd: folder,
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`openssl ${args[0]}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  };
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "own.key", "-out", "own.pem"];
  await openssl("req", "-x509", ...key, "-days", "2", "-subj", "/CN=another.example");
  const printed = await openssl("x509", "-in", "own.pem", "-noout", "-sha256", "-fingerprint");
  return printed.trim().replace(/^.*=/, "");
}

/** Ports that nobody uses, each another one. */
function freePorts(count: number): readonly number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
