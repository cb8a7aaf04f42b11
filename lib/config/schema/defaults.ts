/** What holds where a directive is absent. */
export const DEFAULTS = {
  fileext: { calendar: "ics", contacts: "vcf" },
  fileignoreext: ".tmp",
  connections: 8,
  /** Of an IMAP server, which often allows ten of one user. */
  imapConnections: 4,
  /** In seconds. */
  timeout: 30,
  /** In seconds. */
  interval: 300,
  collectionIdSegment: "last",
  scheduleAgent: "client",
  onEmpty: "skip",
  onDelete: "sync",
  maxDelete: { percent: 50, count: 10 },
  conflicts: "merge",
  resolveDuring: "command",
  properties: ["displayname", "color", "description", "order"],
  /** Of mailboxes. */
  mailProperties: ["subscribed"],
  layout: "maildir++",
  expunge: "none",
} as const;
