/** Places that are kept in step, as the tests see them: written and read without dovetail's code. */

import { editEvent, type GeneratedItem } from "./events.ts";
import { type Holding, itemOf, readPlaces } from "./acceptance_reader.ts";
import { startRadicale } from "./servers/radicale.ts";
import { startXandikos } from "./servers/xandikos.ts";

export type PlaceKind = "folder" | "Radicale" | "Xandikos";

/** The real servers. */
export const SERVERS: readonly PlaceKind[] = ["Radicale", "Xandikos"];
/** What a folder can be kept in step with. */
export const PLACES: readonly PlaceKind[] = ["folder", ...SERVERS];

/** A place that holds collections. Names of items are file names or the last segments of URLs. */
export interface Place extends AsyncDisposable {
  readonly kind: PlaceKind;
  /** Where the server answers, without a path; empty for a folder. */
  readonly origin: string;
  /** The folder of the collections, or the path of the calendars' home on the server. */
  readonly home: string;
  readonly username: string;
  readonly password: string;
  /** Makes an empty collection. */
  make(collection: string): Promise<void>;
  /** Removes a collection with all that is in it. */
  drop(collection: string): Promise<void>;
  /** The ids of the collections there are. */
  collections(): Promise<readonly string[]>;
  /** What the independent reader is told, to read a collection. */
  address(collection: string): string;
  get(collection: string, name: string): Promise<Uint8Array>;
  /** Creates or overwrites. */
  put(collection: string, name: string, bytes: Uint8Array): Promise<void>;
  remove(collection: string, name: string): Promise<void>;
}

/** Everything in a collection, by the independent reader. */
export async function holding(place: Place, collection: string): Promise<Holding> {
  const [found] = await readPlaces([place.address(collection)], place);
  if (found === undefined) throw new Error("the reader said nothing");
  return found;
}

/** Puts items into a collection. */
export async function fill(
  place: Place,
  collection: string,
  items: readonly GeneratedItem[],
): Promise<void> {
  for (const { name, bytes } of items) await place.put(collection, name, bytes);
}

/** Edits items where they are, as a client there would: each `n` gives other summaries. */
export async function edit(
  place: Place,
  collection: string,
  uids: readonly string[],
  n: number,
): Promise<void> {
  const held = await holding(place, collection);
  for (const uid of uids) {
    const { name } = itemOf(held, uid);
    await place.put(collection, name, editEvent(await place.get(collection, name), n));
  }
}

/** Deletes the items with those UIDs. */
export async function remove(
  place: Place,
  collection: string,
  uids: readonly string[],
): Promise<void> {
  const held = await holding(place, collection);
  for (const uid of uids) await place.remove(collection, itemOf(held, uid).name);
}

/** Deletes every item, and leaves the collection. */
export async function removeAll(place: Place, collection: string): Promise<void> {
  for (const items of (await holding(place, collection)).items.values()) {
    for (const { name } of items) await place.remove(collection, name);
  }
}

/** Starts a place. A folder is made at `path`. */
export async function openPlace(kind: PlaceKind, path: string): Promise<Place> {
  switch (kind) {
    case "folder":
      return await openFolder(path);
    case "Radicale": {
      const server = await startRadicale();
      const { username, password } = server;
      return openServer(kind, server, new URL(server.home).pathname, username, password);
    }
    case "Xandikos": {
      const server = await startXandikos();
      return openServer(kind, server, new URL(server.calendars).pathname, "user", "pass");
    }
  }
}

/** A folder of collections. */
export async function openFolder(path: string): Promise<Place> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  const at = (collection: string, name: string) => `${path}/${collection}/${name}`;
  return {
    kind: "folder",
    origin: "",
    home: path,
    username: "",
    password: "",
    make: (collection) => Deno.mkdir(`${path}/${collection}`, { mode: 0o700 }),
    drop: (collection) => Deno.remove(`${path}/${collection}`, { recursive: true }),
    collections: async () => {
      const names = await Array.fromAsync(Deno.readDir(path), (it) => it.name);
      return names.sort();
    },
    address: (collection) => `${path}/${collection}`,
    get: (collection, name) => Deno.readFile(at(collection, name)),
    put: (collection, name, bytes) => Deno.writeFile(at(collection, name), bytes, { mode: 0o600 }),
    remove: (collection, name) => Deno.remove(at(collection, name)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function openServer(
  kind: PlaceKind,
  server: { readonly url: string; readonly stop: () => Promise<void> },
  home: string,
  username: string,
  password: string,
): Place {
  const authorization = `Basic ${btoa(`${username}:${password}`)}`;
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("Authorization", authorization);
    const response = await fetch(server.url + path, { ...init, method, headers });
    const body = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) {
      const said = new TextDecoder().decode(body).slice(0, 500);
      throw new Error(`${method} ${path}: ${response.status} ${said}`);
    }
    return body;
  };
  const folderOf = (collection: string) => `${home}${encodeURIComponent(collection)}/`;
  const at = (collection: string, name: string) => folderOf(collection) + encodeURIComponent(name);
  const headers = { "Content-Type": "text/calendar; charset=utf-8" };
  return {
    kind,
    origin: server.url,
    home,
    username,
    password,
    make: async (collection) => void await ask("MKCALENDAR", folderOf(collection)),
    drop: async (collection) => void await ask("DELETE", folderOf(collection)),
    collections: async () => {
      const listing = await ask("PROPFIND", home, { headers: { Depth: "1" } });
      const hrefs = new TextDecoder().decode(listing).matchAll(/<(?:\w+:)?href>([^<]+)\/</g);
      const paths = [...hrefs].map(([, href = ""]) =>
        decodeURIComponent(href.replaceAll("&amp;", "&"))
      );
      return [
        ...new Set(
          paths.filter((path) => path.startsWith(home)).map((path) => path.slice(home.length)),
        ),
      ].sort();
    },
    address: (collection) => server.url + folderOf(collection),
    get: (collection, name) => ask("GET", at(collection, name)),
    put: async (collection, name, bytes) => {
      await ask("PUT", at(collection, name), { headers, body: new Uint8Array(bytes) });
    },
    remove: async (collection, name) => void await ask("DELETE", at(collection, name)),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
