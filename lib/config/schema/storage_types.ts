/** The types of storages. */

import type { StorageTypeSpec } from "../schema_types.ts";

const jmap = (name: string, instead: string): StorageTypeSpec => ({
  name,
  supported: false,
  help: "Not supported: pimsync's own is an experiment that is left out of its builds.",
  hint: `servers that speak JMAP have ${instead} too: use type ${instead}`,
});

export const STORAGE_TYPES: readonly StorageTypeSpec[] = [
  {
    name: "vdir/icalendar",
    supported: true,
    kind: "calendar",
    help: "A directory with a folder per calendar.",
  },
  {
    name: "vdir/vcard",
    supported: true,
    kind: "contacts",
    help: "A directory with a folder per address book.",
  },
  {
    name: "singlefile/icalendar",
    supported: true,
    kind: "calendar",
    help: "Calendars of one .ics file each.",
  },
  {
    name: "singlefile/vcard",
    supported: true,
    kind: "contacts",
    help: "Address books of one .vcf file each.",
  },
  { name: "caldav", supported: true, kind: "calendar", help: "A CalDAV server." },
  { name: "carddav", supported: true, kind: "contacts", help: "A CardDAV server." },
  {
    name: "webcal",
    supported: true,
    kind: "calendar",
    help: "A calendar feed: one iCalendar file on a web server.",
  },
  { name: "maildir", supported: true, kind: "mail", help: "A Maildir, with all its mailboxes." },
  {
    name: "mbox",
    supported: true,
    kind: "mail",
    help: "Mailboxes of one mbox file each.",
  },
  {
    name: "imap",
    supported: true,
    kind: "mail",
    help: "An IMAP server, or a program that speaks IMAP.",
  },
  jmap("jmap/icalendar", "caldav"),
  jmap("jmap/vcard", "carddav"),
];
