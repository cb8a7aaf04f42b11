/** What generated events are made of: time zones, and texts that are hard to fold and to escape. */

/** A time zone as a VTIMEZONE would define it. */
export interface Zone {
  readonly id: string;
  /** Component, offset from, offset to, name, start and, if it changes, the rule. */
  readonly rules: readonly (readonly [string, string, string, string, string, string])[];
}

/** At least one of something. */
export type Some<T> = readonly [T, ...T[]];

export const ZONES: Some<Zone> = [
  {
    id: "Europe/Berlin",
    rules: [
      ["DAYLIGHT", "+0100", "+0200", "CEST", "19810329T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"],
      ["STANDARD", "+0200", "+0100", "CET", "19961027T030000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"],
    ],
  },
  {
    id: "America/New_York",
    rules: [
      ["DAYLIGHT", "-0500", "-0400", "EDT", "20070311T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"],
      ["STANDARD", "-0400", "-0500", "EST", "20071104T020000", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"],
    ],
  },
  {
    id: "Australia/Sydney",
    rules: [
      ["STANDARD", "+1100", "+1000", "AEST", "20080406T030000", "FREQ=YEARLY;BYMONTH=4;BYDAY=1SU"],
      ["DAYLIGHT", "+1000", "+1100", "AEDT", "20081005T020000", "FREQ=YEARLY;BYMONTH=10;BYDAY=1SU"],
    ],
  },
  { id: "Asia/Tokyo", rules: [["STANDARD", "+0900", "+0900", "JST", "19700101T000000", ""]] },
  { id: "Asia/Kolkata", rules: [["STANDARD", "+0530", "+0530", "IST", "19700101T000000", ""]] },
];

/** Not escaped yet. */
export const TITLES: Some<string> = [
  "Team meeting",
  "Besprechung Frühjahrsprüfung",
  "Zahnarzt Dr. Müller-Lüdenscheidt",
  "定例会議",
  "誕生日パーティー 🎂",
  "Lunch with Zoë & Søren",
  "Übergabe, Schlüssel; Keller",
  "Flight LH 714 ✈️ München – 東京",
  "Review: budget 2026 (draft)",
  "Elternabend 👨‍👩‍👧‍👦 Grundschule Südstadt",
];

/** Not escaped yet. */
export const SENTENCES: Some<string> = [
  "Bitte die Unterlagen mitbringen, besonders die Übersicht über das vergangene Geschäftsjahr.",
  "Agenda:\n1. Numbers\n2. Outlook\n3. Any other business",
  "会議室は三階の東側です。資料は前日までに共有フォルダーに置いてください。",
  "Dial in: +49 30 1234567; PIN 4711",
  "Remember the cake 🎂 and the candles 🕯️🕯️🕯️ – she likes chocolate best.",
  'The working title is "Dovetail"; we shall see.',
  "Treffpunkt ist wie immer der große Baum am Südeingang; bei Regen unter dem Vordach.",
  "See https://example.org/wiki/Meetings?id=42&view=full#notes for the notes of last time.",
];

/** Not escaped yet. */
export const PLACES: Some<string> = [
  "Room 4.12",
  "Café Größenwahn, Schloßstraße 5, 10115 Berlin",
  "東京都千代田区丸の内１丁目",
  "Online",
];

/** Not quoted yet. */
export const NAMES: Some<string> = ["Jane Doe", "Müller, Jürgen", "佐藤 花子", "O'Brien", "Zoë"];

export const CATEGORIES: Some<string> = ["Work", "Familie", "Geburtstage", "仕事", "Travel 2026"];
