/**
 * Somebody's account on a real server, with an independent client for it; and dovetail with a
 * configuration of its own beside it.
 */

import { type Outcome, run, type Running, start } from "./acceptance_process.ts";
import { Proxy } from "./acceptance_proxy.ts";
import { assertStatus } from "./acceptance_world.ts";
import { isCyrusInstalled, startCyrus } from "./servers/cyrus.ts";
import { isDavicalInstalled, startDavical } from "./servers/davical.ts";
import { startRadicale } from "./servers/radicale.ts";
import { isInstalled } from "./servers/server.ts";
import { startXandikos } from "./servers/xandikos.ts";

/** The real servers that people have. */
export const ACCOUNTS = ["Radicale", "Xandikos", "Cyrus", "DAViCal"] as const;

export type AccountKind = (typeof ACCOUNTS)[number];

/** Whether the server of such an account can be started here. */
export function isAccountInstalled(kind: AccountKind): boolean {
  switch (kind) {
    case "Radicale":
      return isInstalled("radicale");
    case "Xandikos":
      return isInstalled("xandikos");
    case "Cyrus":
      return isCyrusInstalled();
    case "DAViCal":
      return isDavicalInstalled();
  }
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface Account extends AsyncDisposable {
  readonly kind: AccountKind;
  /** Where the server answers, without a path. */
  readonly origin: string;
  /** The paths of the homes of the calendars and of the address books. */
  readonly calendars: string;
  readonly contacts: string;
  readonly username: string;
  readonly password: string;
  /** Asks the server for anything. */
  ask(method: string, path: string, init?: RequestInit): Promise<Answer>;
  /** Makes an empty collection; gives its path. */
  makeCalendar(id: string): Promise<string>;
  makeAddressbook(id: string): Promise<string>;
  /** Creates or overwrites an item. */
  put(path: string, text: string): Promise<void>;
  get(path: string): Promise<string>;
  remove(path: string): Promise<void>;
  /** The paths of the items of a collection, sorted. */
  members(collection: string): Promise<readonly string[]>;
}

/** Starts a server, and gives the account on it. */
export async function openAccount(kind: AccountKind): Promise<Account> {
  switch (kind) {
    case "Radicale": {
      const server = await startRadicale();
      const home = server.home;
      return accountOf(kind, server, { calendars: home, contacts: home, ...server });
    }
    case "Xandikos": {
      const server = await startXandikos();
      return accountOf(kind, server, { username: "user", password: "pass", ...server });
    }
    case "Cyrus": {
      const server = await startCyrus();
      return accountOf(kind, server, server);
    }
    case "DAViCal": {
      const server = await startDavical();
      const home = server.home;
      return accountOf(kind, server, { calendars: home, contacts: home, ...server });
    }
  }
}

interface Homes {
  readonly calendars: string;
  readonly contacts: string;
  readonly username: string;
  readonly password: string;
}

function accountOf(
  kind: AccountKind,
  server: { readonly url: string; readonly stop: () => Promise<void> },
  homes: Homes,
): Account {
  const { username, password } = homes;
  const calendars = new URL(homes.calendars).pathname;
  const contacts = new URL(homes.contacts).pathname;
  const authorization = `Basic ${btoa(`${username}:${password}`)}`;
  const ask = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = new Headers(init.headers);
    headers.set("Authorization", authorization);
    if (method !== "PUT" && init.body !== undefined) {
      headers.set("Content-Type", "application/xml; charset=utf-8");
    }
    const response = await fetch(server.url + path, { ...init, method, headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const succeed = async (method: string, path: string, init: RequestInit = {}) => {
    const answer = await ask(method, path, init);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
  };
  return {
    kind,
    origin: server.url,
    calendars,
    contacts,
    username,
    password,
    ask,
    makeCalendar: async (id) => {
      const path = `${calendars}${encodeURIComponent(id)}/`;
      await succeed("MKCALENDAR", path);
      return path;
    },
    makeAddressbook: async (id) => {
      const path = `${contacts}${encodeURIComponent(id)}/`;
      await succeed("MKCOL", path, { body: ADDRESSBOOK });
      return path;
    },
    put: async (path, text) => {
      const type = text.startsWith("BEGIN:VCARD") ? "text/vcard" : "text/calendar";
      const headers = { "Content-Type": `${type}; charset=utf-8` };
      await succeed("PUT", path, { headers, body: text });
    },
    get: async (path) => (await succeed("GET", path)).text,
    remove: async (path) => void await succeed("DELETE", path),
    members: async (collection) => {
      const { text } = await succeed("PROPFIND", collection, { headers: { Depth: "1" } });
      const hrefs = [...text.matchAll(/<(?:\w+:)?href>([^<]+)<\//g)].map(([, href = ""]) =>
        new URL(href.replaceAll("&amp;", "&"), server.url).pathname
      );
      return [...new Set(hrefs)].filter((href) => !href.endsWith("/")).sort();
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

const ADDRESSBOOK = '<?xml version="1.0"?><D:mkcol xmlns:D="DAV:" ' +
  'xmlns:R="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype><D:collection/>' +
  "<R:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>";

/** A folder that is dovetail's home directory, with a configuration. */
export interface Desk extends AsyncDisposable {
  readonly root: string;
  readonly configPath: string;
  readonly statusPath: string;
  /** Writes the configuration, with the path of the status put before it. */
  configure(...blocks: readonly string[]): Promise<void>;
  run(...args: readonly string[]): Promise<Outcome>;
  /** Runs it, and fails unless it ends with that status, or one of those. */
  expect(status: number | readonly number[], ...args: readonly string[]): Promise<Outcome>;
  start(...args: readonly string[]): Running;
}

export async function newDesk(env: Readonly<Record<string, string>> = {}): Promise<Desk> {
  const root = await Deno.makeTempDir({ prefix: "dovetail-desk-" });
  const configPath = `${root}/dovetail.conf`;
  const statusPath = `${root}/status`;
  const options = { cwd: root, env: { HOME: root, ...env } };
  const all = (args: readonly string[]) => ["-c", configPath, ...args];
  return {
    root,
    configPath,
    statusPath,
    configure: async (...blocks) => {
      const text = [`status_path "${statusPath}"`, ...blocks, ""].join("\n\n");
      await Deno.writeTextFile(configPath, text, { mode: 0o600 });
    },
    run: (...args) => run(all(args), options),
    expect: async (status, ...args) => {
      const outcome = await run(all(args), options);
      assertStatus(outcome, status);
      return outcome;
    },
    start: (...args) => start(all(args), options),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** A block of a configuration. */
export const block = (head: string, ...lines: readonly string[]): string =>
  [`${head} {`, ...lines.map((line) => `  ${line}`), "}"].join("\n");

/** A vdir of a configuration. */
export const vdir = (
  name: string,
  path: string,
  type: "icalendar" | "vcard" = "icalendar",
  ...lines: readonly string[]
): string => block(`storage ${name}`, `type vdir/${type}`, `path "${path}"`, ...lines);

/** The calendars or address books of an account. `origin`: of a proxy before it. */
export function server(
  name: string,
  account: Account,
  type: "caldav" | "carddav" = "caldav",
  { origin = account.origin, lines = [] }: {
    readonly origin?: string;
    readonly lines?: readonly string[];
  } = {},
): string {
  const home = type === "caldav" ? account.calendars : account.contacts;
  return block(
    `storage ${name}`,
    `type ${type}`,
    `url ${origin}${home}`,
    `username ${account.username}`,
    `password ${account.password}`,
    ...lines,
  );
}

export const pair = (name: string, a: string, b: string, ...lines: readonly string[]): string =>
  block(`pair ${name}`, `storage_a ${a}`, `storage_b ${b}`, ...lines);

/** A proxy before an account. */
export const proxyBefore = (account: Account): Proxy => new Proxy({ target: account.origin });

/** Requests that change something on a server. */
export const WRITES: readonly string[] = [
  ...["PUT", "POST", "DELETE", "MKCALENDAR", "MKCOL", "PROPPATCH", "MOVE", "COPY"],
];

export const writesIn = (proxy: Proxy): readonly string[] =>
  proxy.passed.filter(({ method }) => WRITES.includes(method))
    .map(({ method, path }) => `${method} ${path}`);

/** Every file below a folder, by its path there, with its text. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const visit = async (path: string, shown: string) => {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      const [at, as] = [`${path}/${name}`, shown === "" ? name : `${shown}/${name}`];
      if (isDirectory) await visit(at, as);
      else found.set(as, await Deno.readTextFile(at));
    }
  };
  await visit(folder, "");
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The text of the only item in a folder. */
export async function onlyFile(folder: string): Promise<{ path: string; text: string }> {
  const items = [...await filesBelow(folder)].filter(([name]) => /\.(?:ics|vcf)$/.test(name));
  const [found] = items;
  if (found === undefined || items.length > 1) {
    throw new Error(`${folder} has ${items.length} items`);
  }
  return { path: `${folder}/${found[0]}`, text: found[1] };
}

/** Puts a line, or several, before another one of a text; fails where there is no such. */
export function insertBefore(text: string, line: string, ...added: readonly string[]): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  return replaced(text, line, [...added, line].join(end));
}

/** The text with one part replaced; fails where that is not there. */
export function replaced(text: string, part: string | RegExp, by: string): string {
  const result = text.replace(part, () => by);
  if (result === text) throw new Error(`there is no ${part} in\n${text}`);
  return result;
}
