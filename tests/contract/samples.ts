/** Items of each kind, as the contract's cases write them. */

/** The bytes of lines that end in CRLF. */
export const lines = (...all: readonly string[]): Uint8Array =>
  new TextEncoder().encode(all.join("\r\n") + "\r\n");

const escaped = (text: string) => text.replace(/[\\;,]/g, "\\$&").replaceAll("\n", "\\n");

/** Folds as RFC 5545 3.1 asks: no line is longer than 75 bytes, and no character is cut. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = "";
  let size = 0;
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (size + bytes > 74) {
      parts.push(part);
      part = "";
      size = 0;
    }
    part += character;
    size += bytes;
  }
  return [...parts, part].join("\r\n ");
}

const calendar = (...inside: readonly string[]) =>
  lines(
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//example//contract//EN",
    ...inside,
    "END:VCALENDAR",
  );

const STAMP = "DTSTAMP:20260101T000000Z";

const ZONE = [
  "BEGIN:VTIMEZONE",
  "TZID:Europe/Berlin",
  "BEGIN:DAYLIGHT",
  "TZOFFSETFROM:+0100",
  "TZOFFSETTO:+0200",
  "TZNAME:CEST",
  "DTSTART:19700329T020000",
  "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
  "END:DAYLIGHT",
  "BEGIN:STANDARD",
  "TZOFFSETFROM:+0200",
  "TZOFFSETTO:+0100",
  "TZNAME:CET",
  "DTSTART:19701025T030000",
  "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
  "END:STANDARD",
  "END:VTIMEZONE",
];

/** An event that says `text`. */
export const event = (uid: string, text: string): Uint8Array =>
  calendar(
    "BEGIN:VEVENT",
    folded(`UID:${escaped(uid)}`),
    STAMP,
    "DTSTART:20260201T090000Z",
    "DTEND:20260201T100000Z",
    folded(`SUMMARY:${escaped(text)}`),
    "END:VEVENT",
  );

const card = (version: "3.0" | "4.0", uid: string, ...inside: readonly string[]) =>
  lines(
    "BEGIN:VCARD",
    `VERSION:${version}`,
    "PRODID:-//example//contract//EN",
    folded(`UID:${escaped(uid)}`),
    "N:Doe;Jane;;;",
    "FN:Jane Doe",
    ...inside,
    "END:VCARD",
  );

/** Bytes in base64, as many as a small photo has. */
const PHOTO = "/9j/4AAQSkZJRgABAQEASABIAAD/".repeat(1500) + "2wBDAA==";

/** An event with an override that stands before what it overrides. */
export const recurringEvent = (uid: string): Uint8Array =>
  calendar(
    "BEGIN:VEVENT",
    `UID:${uid}`,
    STAMP,
    "RECURRENCE-ID:20260202T090000Z",
    "DTSTART:20260202T110000Z",
    "DTEND:20260202T120000Z",
    "SUMMARY:later today",
    "END:VEVENT",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    STAMP,
    "DTSTART:20260201T090000Z",
    "DTEND:20260201T100000Z",
    "RRULE:FREQ=DAILY;COUNT=5",
    "SUMMARY:every day",
    "END:VEVENT",
  );

/** A contact with a note that says `text`. */
export const contact = (uid: string, text: string): Uint8Array =>
  card(
    "3.0",
    uid,
    "item1.EMAIL;TYPE=INTERNET,HOME:jane@example.org",
    "item1.X-ABLABEL:Post",
    folded(`NOTE:${escaped(text)}`),
  );

type Samples = Readonly<Record<string, (uid: string) => Uint8Array>>;

/** What else people keep in calendars, by what it is called in the name of its case. */
export const EVENTS: Samples = {
  "an event in a time zone with guests, an alarm and exceptions": (uid) =>
    calendar(
      ...ZONE,
      "BEGIN:VEVENT",
      `UID:${uid}`,
      STAMP,
      "DTSTART;TZID=Europe/Berlin:20260302T090000",
      "DURATION:PT1H30M",
      "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260601T000000Z",
      "EXDATE;TZID=Europe/Berlin:20260304T090000,20260311T090000",
      "SUMMARY:Weekly",
      "LOCATION:Room 1\\, second floor",
      "CATEGORIES:Work,Meetings",
      "ORGANIZER;CN=Jane Doe:mailto:jane@example.org",
      'ATTENDEE;CN="Doe, John";PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:john@example.org',
      "X-MOZ-GENERATION:3",
      "BEGIN:VALARM",
      "ACTION:DISPLAY",
      "DESCRIPTION:Weekly",
      "TRIGGER:-PT15M",
      "END:VALARM",
      "END:VEVENT",
    ),
  "an event of whole days": (uid) =>
    calendar(
      "BEGIN:VEVENT",
      `UID:${uid}`,
      STAMP,
      "DTSTART;VALUE=DATE:20260228",
      "DTEND;VALUE=DATE:20260302",
      "SUMMARY:Away",
      "TRANSP:TRANSPARENT",
      "END:VEVENT",
    ),
  "a todo": (uid) =>
    calendar(
      "BEGIN:VTODO",
      `UID:${uid}`,
      STAMP,
      "DUE:20260301T120000Z",
      "SUMMARY:To be done",
      "PRIORITY:1",
      "PERCENT-COMPLETE:50",
      "STATUS:IN-PROCESS",
      "END:VTODO",
    ),
  "a journal entry": (uid) =>
    calendar(
      "BEGIN:VJOURNAL",
      `UID:${uid}`,
      STAMP,
      "DTSTART;VALUE=DATE:20260301",
      "SUMMARY:A day",
      "DESCRIPTION:What was\\nand what was not",
      "END:VJOURNAL",
    ),
};

/** What else people keep in address books. */
export const CARDS: Samples = {
  "a card with a photo": (uid) => card("3.0", uid, folded(`PHOTO;ENCODING=b;TYPE=JPEG:${PHOTO}`)),
  "a card with a photo in vCard 4": (uid) =>
    card("4.0", uid, folded(`PHOTO:data:image/jpeg;base64,${PHOTO}`)),
  "a card with all that people write into one": (uid) =>
    card(
      "3.0",
      uid,
      "ORG:Example\\, Inc.;Baking",
      "TITLE:Baker",
      "TEL;TYPE=CELL,VOICE:+49 30 1234",
      "item2.TEL:+49 30 1235",
      "item2.X-ABLABEL:Boat",
      "ADR;TYPE=HOME:;;Am Weg 1\\nHof;Berlin;;10115;Germany",
      "BDAY:1980-02-29",
      "URL:https://example.org/~jane?a=b",
      "CATEGORIES:Friends,Bakers",
      "X-SOCIALPROFILE;TYPE=twitter:https://twitter.com/jane",
      folded(`NOTE:${escaped("Flour, butter; sugar\nand Zoë's 🎂".repeat(9))}`),
    ),
  "a group with its members": (uid) =>
    card(
      "3.0",
      uid,
      "X-ADDRESSBOOKSERVER-KIND:group",
      "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
      "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b2",
    ),
  "a group with its members in vCard 4": (uid) =>
    card(
      "4.0",
      uid,
      "KIND:group",
      "MEMBER:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
      "MEMBER:mailto:john@example.org",
    ),
};
