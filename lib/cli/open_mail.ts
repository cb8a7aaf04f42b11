/** A mail storage of the configuration, opened by its type's adapter. */

import type { ResolvedImap, ResolvedMaildir, ResolvedMbox } from "../config/resolved.ts";
import type { Storage } from "../model/storage.ts";
import type { Credentials } from "../net/imap/login.ts";
import type { Place } from "../net/imap/place.ts";
import { credentialsOf } from "./credentials.ts";
import { type MailUse, tlsOf } from "./open_storage.ts";

export async function openMail(
  config: ResolvedMaildir | ResolvedMbox | ResolvedImap,
  { identBy, assign: wanted, facts = false }: MailUse,
): Promise<Storage> {
  const { name, readOnly, altChar } = config;
  const common = { name, readOnly, ...(altChar === undefined ? {} : { altChar }) };
  // Where nothing may be written, the number of a mail may not be written either.
  const assign = wanted === "always" ? "write" : readOnly ? "pretend" : wanted;
  switch (config.type) {
    case "maildir": {
      const { openMaildir } = await import("../../adapters/maildir/mod.ts");
      const { path, layout, inbox, control, index } = config;
      return openMaildir({
        ...common,
        path,
        layout,
        identBy,
        assign,
        facts,
        ...(inbox === undefined ? {} : { inbox }),
        ...(control === undefined ? {} : { control }),
        ...(index === undefined ? {} : { index }),
      });
    }
    case "mbox": {
      const { openMbox } = await import("../../adapters/mbox/mod.ts");
      const { path, inbox } = config;
      return openMbox({ ...common, path, assign, ...(inbox === undefined ? {} : { inbox }) });
    }
    case "imap": {
      const { openImap } = await import("../../adapters/imap/mod.ts");
      const { timeout, insecure, connections } = config;
      const credentials = await imapCredentialsOf(config);
      const tls = await tlsOf(config.tls);
      return openImap({
        ...common,
        place: imapPlace(config),
        timeout,
        insecure,
        connections,
        facts,
        ...(credentials === undefined ? {} : { credentials }),
        ...(tls === undefined ? {} : { tls }),
      });
    }
  }
}

function imapPlace({ place, tunnel, name }: ResolvedImap): Place {
  if (tunnel !== undefined) return { kind: "tunnel", argv: tunnel };
  // A configuration without errors has one of them.
  if (place === undefined) throw new Error(`the storage "${name}" has no url and no tunnel`);
  return { kind: "host", ...place };
}

async function imapCredentialsOf(
  { auth, username, name }: ResolvedImap,
): Promise<Credentials | undefined> {
  if (auth === undefined) return undefined;
  const known = await credentialsOf(auth, name);
  if (known.method !== "bearer") return { username: known.username, password: known.password };
  if (username === undefined) throw new Error(`the token of the storage "${name}" is nobody's`);
  return { method: "oauth", username, token: known.token };
}
