/** A storage of vdirsyncer's. */

import { concealWord } from "../config/conceal.ts";
import type { DateBound, StorageKind } from "../config/config.ts";
import { writeDateBound } from "../config/date_bound.ts";
import { readHttpUrl } from "../config/http_url.ts";
import { Secret } from "../model/secret.ts";
import { readDateExpression } from "./date_expression.ts";
import { expand, type Options } from "./options.ts";
import { readServer } from "./vdirsyncer_server.ts";
import { singleId, type StorageUse, typeOf } from "./vdirsyncer_use.ts";
import { entriesOf, type Entry } from "./write_scfg.ts";

/** The directives of a storage, whose type is known. What has no equivalent is noted. */
export function readStorage(
  options: Options,
  kind: StorageKind,
  use: StorageUse,
  home: string | undefined,
): readonly Entry[] {
  options.json("type");
  const type = typeOf(options.section);
  const common = [
    ...flag(options, "read_only"),
    ...flag(options, "no_delete"),
  ];
  const format = kind === "calendar" ? "icalendar" : "vcard";
  switch (type) {
    case "filesystem":
    case "filesystem/icalendar":
    case "filesystem/vcard":
      return [{ words: ["type", `vdir/${format}`] }, ...common, ...readFolder(options, use, home)];
    case "singlefile":
      return [{ words: ["type", `singlefile/${format}`] }, ...common, ...readFile(options, home)];
    case "caldav":
    case "carddav":
      return [
        { words: ["type", type] },
        ...common,
        ...readUrl(options),
        ...readServer(options, home),
        ...(type === "caldav" ? readWindow(options) : readVersion(options)),
      ];
    case "http":
      // It is read-only by its nature.
      return [{ words: ["type", "webcal"] }, ...readFeed(options, use, home)];
    case "google_calendar":
    case "google_contacts":
      return [...readGoogle(options, type), ...common];
    default:
      throw new Error("a storage of a type that is not known was not left out");
  }
}

const flag = (options: Options, key: string): readonly Entry[] =>
  options.flag(key) ? [{ words: [key] }] : [];

function readFolder(
  options: Options,
  { way }: StorageUse,
  home: string | undefined,
): readonly Entry[] {
  readEncoding(options);
  let path = options.dynamic("path", "path");
  const given = options.text("path");
  if (given !== undefined && path !== undefined) {
    // It points at the collection, and ours at the folder that the collection lies in.
    const root = given.replace(/\/+$/, "").replace(/\/[^/]*$/, "");
    path = { words: ["path", way === "single" ? `${root}/` : given] };
    notePath(options, given);
  }
  const ending = options.json("fileext");
  if (ending === "") {
    options.note("fileext", "files of every name are items there; here they need one ending");
  }
  const fileext = options.text("fileext")?.replace(/^\./, "");
  const ignored = options.text("fileignoreext");
  return entriesOf(
    path,
    fileext === undefined ? undefined : { words: ["fileext", fileext] },
    ignored === undefined || ignored === ".tmp" ? undefined : { words: ["fileignoreext", ignored] },
    hook(options, "post_hook", home),
    hook(options, "pre_deletion_hook", home),
  );
}

function hook(options: Options, key: string, home: string | undefined): Entry | undefined {
  const program = options.text(key);
  return program === undefined ? undefined : { words: [key, expand(program, home)] };
}

function notePath(options: Options, path: string): void {
  if (path.startsWith("/") || path.startsWith("~/")) return;
  options.note("path", "a relative path has no meaning here", "write the whole path");
}

function readEncoding(options: Options): void {
  const encoding = options.text("encoding");
  if (encoding === undefined || /^utf-?_?8$/i.test(encoding)) return;
  options.note("encoding", "every file is read and written as UTF-8", "convert the files first");
}

function readFile(options: Options, home: string | undefined): readonly Entry[] {
  readEncoding(options);
  const path = options.dynamic("path", "path");
  const given = options.text("path");
  if (given !== undefined) notePath(options, given);
  const id = given?.includes("%s") ? undefined : singleId(options.section);
  return entriesOf(
    path,
    id === undefined ? undefined : { words: ["collection_id", id] },
    hook(options, "post_hook", home),
  );
}

/** An URL with a login or a token in it is a secret. */
function urlEntry(url: string): Entry {
  return { words: ["url", concealWord(url, false) === undefined ? url : new Secret(url)] };
}

function readUrl(options: Options): readonly Entry[] {
  const url = options.text("url");
  if (url === undefined) return entriesOf(options.dynamic("url", "url"));
  const read = readHttpUrl(url);
  const isExposed = "url" in read && read.exposed;
  if (isExposed) {
    options.note("url", "http:// sends everything, the password too, for anyone to read");
  }
  return [urlEntry(url), ...(isExposed ? [{ words: ["insecure"] }] : [])];
}

function readFeed(
  options: Options,
  { collections }: StorageUse,
  home: string | undefined,
): readonly Entry[] {
  options.json("read_only");
  const [name, ...others] = [...new Set(collections)];
  if (others.length > 0) {
    options.note("url", `of several feeds in one storage only "${name}" was taken over`);
  }
  options.note(
    "type",
    "vdirsyncer gives each event of a feed a UID of its own, which is not taken over: the first " +
      "run replaces them all on the other side",
    "more than ten are replaced by dovetail sync --allow-delete, once; until then both are there. " +
      "If the feed has other UIDs each time, add stable_uids",
  );
  const url = options.text("url");
  const base = url === undefined ? null : URL.parse(url);
  const entry = name !== undefined && base !== null
    ? [urlEntry(new URL(name, base).href)]
    : readUrl(options);
  const filter = options.json("filter_hook");
  if (typeof filter === "string" && filter !== "") {
    options.note(
      "filter_hook",
      "an item that the filter prints nothing of is left out here as well",
    );
  }
  return [
    ...entry,
    { words: ["collection_id", name ?? options.section.name] },
    ...readServer(options, home),
    ...(typeof filter === "string" && filter !== ""
      ? [{ words: ["filter", "read", "cmd", expand(filter, home)] }]
      : []),
  ];
}

function readVersion(options: Options): readonly Entry[] {
  return options.flag("use_vcard_4") ? [{ words: ["vcard_version", "4.0"] }] : [];
}

const ITEM_TYPES = ["VEVENT", "VTODO", "VJOURNAL"];

function readWindow(options: Options): readonly Entry[] {
  const types = options.texts("item_types") ?? [];
  const known = types.filter((type) => ITEM_TYPES.includes(type));
  if (known.length < types.length) {
    options.note("item_types", `only ${ITEM_TYPES.join(", ")} are types of items here`);
  }
  const start = readDay(options, "start_date", undefined);
  const end = readDay(options, "end_date", start);
  return entriesOf(
    known.length === 0 ? undefined : { words: ["item_types", ...new Set(known)] },
    start && { words: ["start_date", writeDateBound(start)] },
    end && { words: ["end_date", writeDateBound(end)] },
  );
}

function readDay(
  options: Options,
  key: string,
  start: DateBound | undefined,
): DateBound | undefined {
  const expression = options.text(key);
  if (expression === undefined) return undefined;
  const bound = readDateExpression(expression, start);
  if (bound === undefined) {
    options.note(key, `"${key}" is an expression that is not known`, "write it like this: -365d");
  }
  return bound;
}

const GOOGLE = {
  google_calendar: {
    type: "caldav",
    url: "https://apidata.googleusercontent.com/caldav/v2/",
    more: [{ words: ["collection_id_segment", "second-last"] }],
  },
  google_contacts: {
    type: "carddav",
    url: "https://www.googleapis.com/.well-known/carddav",
    more: [],
  },
} as const;

function readGoogle(options: Options, type: keyof typeof GOOGLE): readonly Entry[] {
  options.text("token_file");
  options.note("token_file", "Google has to be asked for its permission once more");
  const block = entriesOf(
    { words: ["provider", "google"] },
    options.dynamic("client_id", "client_id"),
    options.dynamic("client_secret", "client_secret", "secret"),
  );
  const known = GOOGLE[type];
  return [
    { words: ["type", known.type] },
    { words: ["url", known.url] },
    ...known.more,
    { words: ["auth_method", "oauth2"], block },
    ...(type === "google_calendar" ? readWindow(options) : []),
  ];
}
