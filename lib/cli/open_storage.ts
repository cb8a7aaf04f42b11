/** One storage of the configuration, opened by its type's adapter. Others are not even loaded. */

import type { ItemKind } from "../config/config.ts";
import type { ResolvedNetwork, ResolvedStorage } from "../config/secrets.ts";
import type { SyncError } from "../model/error.ts";
import type { Storage } from "../model/storage.ts";
import type { HttpOptions } from "../net/http/client.ts";
import type { HttpLogEntry } from "../net/http/request.ts";
import type { TlsOptions } from "../net/http/tls.ts";
import { credentialsOf } from "./credentials.ts";
import { decorated } from "./decorated.ts";

/** What mail storages are opened for. */
export interface MailUse {
  /** What a mail is known by: its GUID, where both sides of a pair keep GUIDs, or a digest. */
  readonly identBy: "guid" | "digest";
  /**
   * Whether UIDs and GUIDs that are not on disk yet are written there, or only made up; `always` also
   * where nothing else may be written, as Dovecot numbers mails that it only reads.
   */
  readonly assign: "write" | "pretend" | "always";
  /** A listing has to tell the sizes and dates of mails, for a pair with limits. */
  readonly facts?: boolean;
}

/** What an open storage may tell on the way. */
export interface StorageTalk {
  /** Of each request. */
  readonly log?: (entry: HttpLogEntry) => void;
  /** Of what went wrong and stops nothing. */
  readonly onProblem: (error: SyncError) => void;
}

export async function openStorage(
  config: ResolvedStorage,
  talk: StorageTalk,
  use: MailUse,
): Promise<Storage> {
  return await decorated(await openBare(config, talk, use), config, talk);
}

async function openBare(
  config: ResolvedStorage,
  { log }: StorageTalk,
  use: MailUse,
): Promise<Storage> {
  const { name, readOnly } = config;
  switch (config.type) {
    case "vdir/icalendar":
    case "vdir/vcard": {
      const { openVdir } = await import("../../adapters/vdir/mod.ts");
      const { kind, path, fileext, fileignoreext } = config;
      const read = await readerOf(kind);
      return openVdir({ name, path, fileext, ignored: fileignoreext, readOnly, kind, read });
    }
    case "singlefile/icalendar":
    case "singlefile/vcard": {
      const { openSinglefile } = await import("../../adapters/singlefile/mod.ts");
      const { kind, path, collectionId } = config;
      return openSinglefile({
        name,
        path,
        readOnly,
        kind,
        read: await readerOf(kind),
        ...(collectionId === undefined ? {} : { collectionId }),
      });
    }
    case "caldav": {
      const { openCaldav } = await import("../../adapters/caldav/mod.ts");
      return openCaldav({ ...await connectionOf(config), ...davOf(config), ...logging(log) });
    }
    case "carddav": {
      const { openCarddav } = await import("../../adapters/carddav/mod.ts");
      const { vcardVersion } = config;
      return openCarddav({
        ...await connectionOf(config),
        ...davOf(config),
        ...logging(log),
        ...(vcardVersion === undefined ? {} : { vcardVersion }),
      });
    }
    case "webcal": {
      const { openWebcal } = await import("../../adapters/webcal/mod.ts");
      const { collectionId, stableUids } = config;
      return openWebcal({
        ...await connectionOf(config),
        ...logging(log),
        name,
        collectionId,
        stableUids,
      });
    }
    case "maildir":
    case "mbox":
    case "imap":
      return await (await import("./open_mail.ts")).openMail(config, use);
  }
}

async function readerOf(kind: ItemKind) {
  if (kind === "calendar") return (await import("../item/icalendar.ts")).readCalendarItem;
  return (await import("../item/vcard.ts")).readContact;
}

const logging = (log: StorageTalk["log"]) => log === undefined ? {} : { log };

type ResolvedDav = Extract<ResolvedStorage, { readonly type: "caldav" | "carddav" }>;

const davOf = ({ name, readOnly, connections, collectionIdSegment }: ResolvedDav) => ({
  name,
  readOnly,
  connections,
  idSegment: collectionIdSegment,
});

interface Connection extends Pick<HttpOptions, "timeout" | "insecure" | "socket" | "credentials"> {
  readonly url: string;
  readonly userAgent?: string;
  readonly tls?: TlsOptions;
}

/** How to reach a server, and who we are there. The files that it names are read. */
export async function connectionOf(
  config: ResolvedNetwork & Pick<ResolvedStorage, "name">,
): Promise<Connection> {
  const { url, socket, timeout, insecure, userAgent, auth } = config;
  const credentials = auth === undefined ? undefined : await credentialsOf(auth, config.name);
  const tls = await tlsOf(config.tls);
  return {
    url,
    timeout,
    insecure,
    ...(tls === undefined ? {} : { tls }),
    ...(socket === undefined ? {} : { socket }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** What is asked of a server's certificate. The files that it names are read. */
export async function tlsOf(
  { roots, fingerprint, identity }: ResolvedNetwork["tls"],
): Promise<TlsOptions | undefined> {
  if (roots === undefined && fingerprint === undefined && identity === undefined) return undefined;
  const { readIdentity, readRoots } = await import("../net/http/pem.ts");
  return {
    ...(roots === undefined ? {} : { roots: await readRoots(roots) }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(identity === undefined
      ? {}
      : { identity: await readIdentity(identity.certificate, identity.key) }),
  };
}
