/**
 * The lines that part the mails of an mbox: `From sender date`. What counts as one is what Dovecot
 * takes for one (a date that can be read), as both have to see the same mails.
 */

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** The sender may be quoted, may hold blanks then, and may be missing. */
const SENDER = String.raw`(?:"(?:\\[^\r\n]|[^"\\\r\n])*"?)?[^ \r\n]* *`;
const TIME = String.raw`(\d\d):(\d\d)(?::(\d\d))?`;
/** Behind the year; one before it, or one with a name, is passed over, as Dovecot does. */
const ZONE = String.raw`(?: ([+-]\d{4}))?`;
const ASCTIME = new RegExp(
  `^From ${SENDER}[^\\r\\n]{4}([a-z]{3}|\\?{3})  ?(\\d{1,2}) ${TIME} (?:[^ \\r\\n]* )??(\\d{4})${ZONE}`,
  "i",
);
/** `Thu, 9 Nov 2002 22:33:52`, which some programs write. */
const RFC822 = new RegExp(
  `^From ${SENDER}[^\\r\\n]{4}[^\\r\\n](\\d{1,2}) ([a-z]{3}|\\?{3}) (\\d{4}) ${TIME}${ZONE}`,
  "i",
);

/** As much of a line as is looked at, in bytes. */
export const FROM_LINE_BYTES = 4096;

const LATIN1 = new TextDecoder("latin1");

/**
 * The time that such a line names, in milliseconds since 1970; nothing where it is none. Without a
 * zone it is local time.
 */
export function parseFromLine(line: Uint8Array): number | undefined {
  // F, r, o, m, blank: nearly every line is told apart by its first byte.
  if (line[0] !== 70 || line[1] !== 114 || line[2] !== 111 || line[3] !== 109 || line[4] !== 32) {
    return undefined;
  }
  const text = LATIN1.decode(line.subarray(0, FROM_LINE_BYTES));
  const usual = ASCTIME.exec(text);
  if (usual !== null) {
    const [, month = "", day, hour, minute, second = "0", year, zone] = usual;
    return timeOf(month, [year, day, hour, minute, second], zone);
  }
  const other = RFC822.exec(text);
  if (other === null) return undefined;
  const [, day, month = "", year, hour, minute, second = "0", zone] = other;
  return timeOf(month, [year, day, hour, minute, second], zone);
}

function timeOf(
  month: string,
  numbers: readonly (string | undefined)[],
  zone: string | undefined,
): number | undefined {
  const at = month === "???" ? 0 : MONTHS.indexOf(month.toLowerCase());
  if (at < 0) return undefined;
  const [year = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers.map(Number);
  if (zone === undefined) {
    const date = new Date(2000, at, day === 0 ? 1 : day, hour, minute, second);
    // As an argument, a year below 100 would be one of the 20th century.
    date.setFullYear(year, at, day === 0 ? 1 : day);
    return date.getTime();
  }
  const date = new Date(0);
  date.setUTCFullYear(year, at, day === 0 ? 1 : day);
  date.setUTCHours(hour, minute, second);
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return date.getTime() - (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

const two = (number: number): string => String(number).padStart(2, "0");

/**
 * The line for a mail that came at that time, with the LF that ends it. It is in local time, like
 * those of Dovecot; with the zone in the one hour of the year that local time has twice.
 */
export function fromLine(received: number): string {
  const whole = Math.floor(received / 1000) * 1000;
  const wanted = new Date(whole);
  const year = wanted.getFullYear();
  const date = year >= 0 && year <= 9999 ? wanted : new Date(0);
  const month = MONTHS[date.getMonth()] ?? "jan";
  const text = [
    DAYS[date.getDay()],
    month[0]?.toUpperCase() + month.slice(1),
    two(date.getDate()),
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
    String(date.getFullYear()).padStart(4, "0"),
  ].join(" ");
  const line = `From MAILER-DAEMON  ${text}\n`;
  if (parseFromLine(new TextEncoder().encode(line)) === date.getTime()) return line;
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${
    two(Math.abs(offset) % 60)
  }`;
  return `${line.slice(0, -1)} ${zone}\n`;
}
