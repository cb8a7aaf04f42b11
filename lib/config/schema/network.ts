/** The directives of storages on servers. */

import { LOGIN } from "./auth.ts";
import { DEFAULTS } from "./defaults.ts";
import { DAV, HTTP, NETWORK, only, SINGLEFILE } from "./define.ts";

const CONNECTION = only(
  NETWORK,
  {
    name: "url",
    params: { kind: "url" },
    dynamic: true,
    required: HTTP,
    help: "The server, or a place on it to begin looking for collections; of a webcal storage " +
      "the feed itself, which may be a webcal URL. unix:///PATH is a Unix socket. Of an imap " +
      "storage imaps://HOST, or imap://HOST, which begins TLS once it is connected to another " +
      "machine.",
    example: "url https://caldav.example.com/",
  },
  {
    name: "socket",
    types: HTTP,
    params: { kind: "path" },
    help: "A Unix socket to connect to, whatever host the URL names.",
    example: "socket /run/radicale.sock",
  },
);

const CREDENTIALS = only(NETWORK, ...LOGIN, {
  name: "auth",
  params: { kind: "auth" },
  help: "The name of an auth block with the login; or, as pimsync before 0.6 has it, basic or " +
    "digest.",
  example: "auth NAME",
});

const TRANSPORT = only(
  NETWORK,
  {
    name: "auth_cert",
    params: { kind: "identity" },
    help: "A certificate to show to the server, in PEM, and the file of its key if that is " +
      "another.",
    example: "auth_cert ~/certs/me.pem ~/certs/me.key",
  },
  {
    name: "tls_root",
    params: { kind: "path" },
    help: "A file with the only certificates, in PEM, that may sign the server's.",
    example: "tls_root ~/certs/root.pem",
  },
  {
    name: "tls_fingerprint",
    params: { kind: "fingerprint" },
    help: "The SHA-256 of the only certificate that the server may have; without tls_root, " +
      "nothing else of it is checked.",
    example: `tls_fingerprint ${"0a:".repeat(31)}0a`,
  },
  {
    name: "user_agent",
    types: HTTP,
    params: { kind: "sentence" },
    default: "dovetail/VERSION",
    help: "What we call ourselves to the server.",
    example: "user_agent my calendar/1.0",
  },
  {
    name: "insecure",
    params: { kind: "flag" },
    help: "Allows an http:// URL of another machine, and an IMAP server without TLS: all of it " +
      "can be read on the way.",
    example: "insecure",
  },
  {
    name: "timeout",
    params: { kind: "integer", min: 1, max: 3600, unit: "seconds" },
    default: String(DEFAULTS.timeout),
    help: "For how many seconds the server may be silent before it counts as unreachable.",
    example: "timeout 60",
  },
);

const OF_DAV = only(
  DAV,
  {
    name: "connections",
    types: [...DAV, "imap"],
    params: { kind: "integer", min: 1, max: 64, unit: "connections" },
    default: `${DEFAULTS.connections}, or ${DEFAULTS.imapConnections} of an IMAP server`,
    help: "How many requests, or IMAP connections, may be under way at the same time.",
    example: "connections 4",
  },
  {
    name: "collection_id_segment",
    params: { kind: "choice", choices: ["last", "second-last"] },
    default: DEFAULTS.collectionIdSegment,
    help: "Which segment of a collection's path is its id; of Google's calendars the one before " +
      "the last.",
    example: "collection_id_segment second-last",
  },
  {
    name: "discovery",
    params: { kind: "text" },
    help: "Pimsync's, and of no effect: the URL, its principal and what the domain announces " +
      "are tried one after another anyway.",
    example: "discovery principal",
  },
);

const OF_ONE_TYPE = [
  ...only(["carddav"], {
    name: "vcard_version",
    params: { kind: "choice", choices: ["3.0", "4.0"] },
    help: "The version of vCard to ask the server for; without it, the server's own choice.",
    example: "vcard_version 4.0",
  }),
  ...only(["caldav"], {
    name: "schedule_agent",
    params: { kind: "choice", choices: ["client", "server"] },
    default: DEFAULTS.scheduleAgent,
    help: "Whether the server may send invitations for events that are copied to it: with " +
      "client it sends none, for the guests have theirs already.",
    example: "schedule_agent server",
  }),
  ...only(["webcal", ...SINGLEFILE], {
    name: "collection_id",
    params: { kind: "id" },
    required: ["webcal"],
    help: "The id of the one collection; of a singlefile storage without it, the name of the " +
      "file.",
    example: "collection_id holidays",
  }),
  ...only(["webcal"], {
    name: "stable_uids",
    params: { kind: "flag" },
    help: "For a feed whose events have another UID each time: they are known by what they say.",
    example: "stable_uids",
  }),
];

export const REMOTE = [...CONNECTION, ...CREDENTIALS, ...TRANSPORT, ...OF_DAV, ...OF_ONE_TYPE];
