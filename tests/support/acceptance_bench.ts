/** A calendar or address book `work` on a real server, and a folder that is kept in step with it. */

import assert from "node:assert/strict";
import {
  type Account,
  type AccountKind,
  type Desk,
  filesBelow,
  newDesk,
  openAccount,
  pair,
  proxyBefore,
  server,
  vdir,
} from "./acceptance_account.ts";
import type { Outcome } from "./acceptance_process.ts";
import type { Proxy } from "./acceptance_proxy.ts";
import { assertSame, countOf, type Holding, readPlaces } from "./acceptance_reader.ts";

/** What stands in the blocks of the configuration besides what is always there. */
export interface Lines {
  /** Of the storage `home`, a vdir: a of the pair `both`. */
  readonly home?: readonly string[];
  /** Of the storage `there`, the server: b of the pair. */
  readonly there?: readonly string[];
  /** Of the pair, instead of `collection work`. */
  readonly pair?: readonly string[];
}

export interface Bench {
  readonly account: Account;
  readonly proxy: Proxy;
  readonly desk: Desk;
  /** The folder of all collections, and that of `work`. */
  readonly home: string;
  readonly folder: string;
  /** The path of `work` on the server. */
  readonly collection: string;
  configure(lines?: Lines): Promise<void>;
  sync(status?: number, ...args: readonly string[]): Promise<Outcome>;
  /** A run has nothing to do, and writes nowhere. */
  quiet(status?: number): Promise<void>;
  /** Writes a file into `work`. */
  write(name: string, text: string): Promise<void>;
  read(name: string): Promise<string>;
  remove(name: string): Promise<void>;
  /** Writes an item on the server. */
  put(name: string, text: string): Promise<void>;
  get(name: string): Promise<string>;
  drop(name: string): Promise<void>;
  /** The names of the items in the folder, and on the server. */
  names(): Promise<{ readonly home: readonly string[]; readonly there: readonly string[] }>;
  held(): Promise<{ readonly home: Holding; readonly there: Holding }>;
  /** Fails unless both sides say the same, and have that many items. */
  inStep(count: number): Promise<void>;
}

export async function withBench(
  use: (bench: Bench) => Promise<void>,
  { server: kind = "Radicale", type = "caldav" }: {
    readonly server?: AccountKind;
    readonly type?: "caldav" | "carddav";
  } = {},
): Promise<void> {
  await using account = await openAccount(kind);
  await using proxy = proxyBefore(account);
  await using desk = await newDesk();
  const isCalendar = type === "caldav";
  const collection = isCalendar
    ? await account.makeCalendar("work")
    : await account.makeAddressbook("work");
  const home = `${desk.root}/home`;
  const folder = `${home}/work`;
  await Deno.mkdir(folder, { recursive: true });
  const isItem = (name: string) => /^[^/]*\.(?:ics|vcf)$/.test(name);
  const held = async () => {
    const [here, there] = await readPlaces([folder, account.origin + collection], account);
    assert.ok(here !== undefined && there !== undefined);
    return { home: here, there };
  };
  const bench: Bench = {
    account,
    proxy,
    desk,
    home,
    folder,
    collection,
    configure: async (lines = {}) => {
      await desk.configure(
        vdir("home", home, isCalendar ? "icalendar" : "vcard", ...lines.home ?? []),
        server("there", account, type, { origin: proxy.origin, lines: lines.there ?? [] }),
        pair("both", "home", "there", ...lines.pair ?? ["collection work"]),
      );
    },
    sync: (status = 0, ...args) => desk.expect(status, "sync", ...args),
    quiet: async (status = 0) => {
      const before = await filesBelow(home);
      proxy.forget();
      const { stdout } = await desk.expect(status, "sync");
      if (status === 0) assert.match(stdout, /everything is in step/);
      const writes = proxy.passed.filter(({ method }) =>
        ["PUT", "DELETE", "PROPPATCH", "MKCOL", "MKCALENDAR", "POST"].includes(method)
      );
      assert.deepEqual(writes.map(({ method, path }) => `${method} ${path}`), []);
      assert.deepEqual(await filesBelow(home), before);
    },
    write: (name, text) => Deno.writeTextFile(`${folder}/${name}`, text),
    read: (name) => Deno.readTextFile(`${folder}/${name}`),
    remove: (name) => Deno.remove(`${folder}/${name}`),
    put: (name, text) => account.put(collection + name, text),
    get: (name) => account.get(collection + name),
    drop: (name) => account.remove(collection + name),
    names: async () => ({
      home: [...(await filesBelow(folder)).keys()].filter(isItem),
      there: (await account.members(collection)).map((it) => it.slice(it.lastIndexOf("/") + 1)),
    }),
    held,
    inStep: async (count) => {
      const { home: here, there } = await held();
      assertSame(here, there);
      assert.equal(countOf(here), count);
    },
  };
  await bench.configure();
  await use(bench);
}

/** An event or todo with these lines besides what every one has. */
export const simple = (uid: string, summary: string, ...more: readonly string[]): string =>
  wrapped("VEVENT", uid, summary, ["DTSTART:20261201T100000Z", ...more]);

export const wrapped = (
  component: "VEVENT" | "VTODO" | "VJOURNAL",
  uid: string,
  summary: string,
  more: readonly string[],
): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//example//test//EN",
    `BEGIN:${component}`,
    `UID:${uid}`,
    "DTSTAMP:20261101T080000Z",
    `SUMMARY:${summary}`,
    ...more,
    `END:${component}`,
    "END:VCALENDAR",
    "",
  ].join("\r\n");
