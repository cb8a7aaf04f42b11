/** The sample calendars of the demo: a week in somebody's life. */

export interface SampleEvent {
  readonly calendar: "home" | "work";
  readonly uid: string;
  readonly summary: string;
  /** Local time in Berlin, `YYYYMMDDTHHMM`, or a date alone. */
  readonly start: string;
  readonly more?: readonly string[];
}

export const SAMPLE: readonly SampleEvent[] = [
  { calendar: "home", uid: "dentist", summary: "Dentist", start: "20270312T1030" },
  {
    calendar: "home",
    uid: "choir",
    summary: "Choir",
    start: "20270309T1930",
    more: ["RRULE:FREQ=WEEKLY"],
  },
  {
    calendar: "home",
    uid: "lina",
    summary: "Lina's birthday 🎂",
    start: "20270314",
    more: ["RRULE:FREQ=YEARLY"],
  },
  { calendar: "home", uid: "train", summary: "Train to Køge", start: "20270319T0712" },
  {
    calendar: "work",
    uid: "standup",
    summary: "Stand-up",
    start: "20270308T0900",
    more: ["RRULE:FREQ=DAILY"],
  },
  { calendar: "work", uid: "review", summary: "Quarterly review", start: "20270311T1400" },
  { calendar: "work", uid: "tokyo", summary: "Call with 東京", start: "20270310T0830" },
];

const BERLIN = [
  "BEGIN:VTIMEZONE",
  "TZID:Europe/Berlin",
  "BEGIN:STANDARD",
  "DTSTART:19961027T030000",
  "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
  "TZOFFSETFROM:+0200",
  "TZOFFSETTO:+0100",
  "TZNAME:CET",
  "END:STANDARD",
  "BEGIN:DAYLIGHT",
  "DTSTART:19810329T020000",
  "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
  "TZOFFSETFROM:+0100",
  "TZOFFSETTO:+0200",
  "TZNAME:CEST",
  "END:DAYLIGHT",
  "END:VTIMEZONE",
];

/** The event as an iCalendar object. */
export function iCalendarOf({ uid, summary, start, more = [] }: SampleEvent): string {
  const timed = start.includes("T");
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//dovetail//demo//EN",
    ...(timed ? BERLIN : []),
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20270101T000000Z",
    timed ? `DTSTART;TZID=Europe/Berlin:${start}00` : `DTSTART;VALUE=DATE:${start}`,
    timed ? "DURATION:PT1H" : "DURATION:P1D",
    `SUMMARY:${summary}`,
    ...more,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ];
  return lines.join("\r\n");
}
