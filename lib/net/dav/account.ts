/** An account on a CalDAV or CardDAV server, as the configuration describes it. */

import { SyncError } from "../../model/error.ts";
import type { StorageName } from "../../model/names.ts";
import { Secret } from "../../model/secret.ts";
import type { Storage } from "../../model/storage.ts";
import type { Environment } from "../environment.ts";
import type { Credentials } from "../http/auth.ts";
import type { TlsOptions } from "../http/client.ts";
import type { Fetch, HttpLogEntry } from "../http/request.ts";
import { socketIn } from "../http/socket_url.ts";
import { USER_AGENT } from "../http/user_agent.ts";
import type { IdSegment } from "./collections.ts";
import type { DnsResolver } from "./dns.ts";
import type { DavService, ReadItem } from "./service.ts";
import { openDav } from "./storage.ts";

/** What both protocols need to know of an account. */
export interface DavAccountOptions {
  readonly name: StorageName;
  /** Of the server, a principal, a home set, or one collection: http, https, or unix:///SOCKET. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** How to log in, where that is not Basic with a name and a password. */
  readonly credentials?: Credentials | undefined;
  /** The path of a Unix socket to connect to, whatever host the url names. */
  readonly socket?: string | undefined;
  /** How many requests may be under way at once. Default: 8. */
  readonly connections?: number;
  /** How long nothing may move before a request is given up, in milliseconds. Default: 60,000. */
  readonly timeout?: number;
  /** Allows http:// to other machines. */
  readonly insecure?: boolean;
  readonly readOnly?: boolean;
  /** Which segment of a collection's path is its id. Default: the last. */
  readonly idSegment?: IdSegment;
  readonly userAgent?: string;
  readonly tls?: TlsOptions;
  readonly log?: (entry: HttpLogEntry) => void;
  /** What tests put in place of the world. */
  readonly fetch?: Fetch;
  readonly environment?: Environment;
  readonly resolver?: DnsResolver;
  readonly readItem?: ReadItem;
}

const NO_RECORDS: DnsResolver = {
  srv: () => Promise.resolve([]),
  txt: () => Promise.resolve([]),
};

/**
 * Opens an account for `service`, whose items `readItem` reads unless the options name another.
 * Nothing is connected to before it is asked something. Throws `malformed` where the url is none.
 */
export function openDavAccount(
  options: DavAccountOptions,
  service: DavService,
  readItem: ReadItem,
): Storage {
  const { url: given, username, password, ...rest } = options;
  const { url, socket = options.socket } = socketIn(given);
  if (!URL.canParse(url)) {
    throw new SyncError("the url is none", {
      scope: "storage",
      kind: "malformed",
      hint: "A url begins with https://",
    });
  }
  const named = username !== undefined && { username, password: password ?? new Secret("") };
  const credentials = options.credentials ?? (named || undefined);
  return openDav({
    ...rest,
    // Who is connected to by a socket is not looked for anywhere else.
    ...(socket === undefined ? {} : { socket, resolver: NO_RECORDS }),
    url: new URL(url),
    readItem: options.readItem ?? readItem,
    userAgent: options.userAgent ?? USER_AGENT,
    service,
    credentials,
  });
}
