/**
 * Values of the types of RFC 5545 3.3 in one spelling each. What is not of the type it should be
 * comes back as it is: nothing here throws, and two values that differ in meaning stay different.
 * `canonical.ts` says which spellings are one, and why.
 */

/** ASCII letters only: others are more than one byte, and no words of a list. */
export function upperCase(text: string): string {
  return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : text;
}

/** TEXT: without the escapes that carry no meaning, and with all those that do. */
export function canonicalText(value: string): string {
  if (!value.includes("\\")) return value;
  return value.replace(/\\([^]?)/g, (escape, char: string) => {
    if (char === "," || char === ";") return char;
    if (char === "\\" || char === "n") return escape;
    return char === "N" ? "\\n" : `\\\\${char}`;
  });
}

/** TEXT that is a word of a list, or one of somebody's own: STATUS, CLASS. */
export function canonicalWord(value: string): string {
  return upperCase(canonicalText(value));
}

/** INTEGER: without a plus sign and leading zeros. */
export function canonicalInteger(value: string): string {
  const match = /^([+-]?)(\d{1,20})$/.exec(value);
  if (match === null) return value;
  const digits = (match[2] ?? "").replace(/^0+(?=\d)/, "");
  return match[1] === "-" && digits !== "0" ? `-${digits}` : digits;
}

/** UTC-OFFSET: without seconds that are 00. */
export function canonicalOffset(value: string): string {
  return /^[+-]\d{4}00$/.test(value) ? value.slice(0, 5) : value;
}

/** GEO: two decimals, as a double has them. */
export function canonicalGeo(value: string): string {
  const match = /^([+-]?[\d.]{1,40});([+-]?[\d.]{1,40})$/.exec(value);
  if (match === null) return value;
  const degrees = [Number(match[1]), Number(match[2])];
  // Adding 0 makes 0 of -0.
  return degrees.some(Number.isNaN) ? value : degrees.map((degree) => `${degree + 0}`).join(";");
}

const DURATION_FORM =
  /^([+-]?)P(?=.)(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/i;

/**
 * DURATION: sign, days and seconds. Days are kept from hours: a day in which the clock changes has
 * 23 or 25 of them (RFC 5545 3.3.6).
 */
export function canonicalDuration(value: string): string {
  const match = DURATION_FORM.exec(value);
  if (match === null) return value;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(2)
    .map((digits) => Number(digits ?? 0));
  const nominal = weeks * 7 + days;
  const exact = (hours * 60 + minutes) * 60 + seconds;
  const sign = match[1] === "-" && nominal + exact !== 0 ? "-" : "";
  return `${sign}P${nominal}DT${exact}S`;
}

/** What a date, time, duration or period is, to judge by its value; empty if it is none. */
export function timeType(value: string): "DATE" | "DATE-TIME" | "DURATION" | "PERIOD" | "" {
  if (/^\d{8}T\d{6}Z?$/.test(value)) return "DATE-TIME";
  if (/^\d{8}$/.test(value)) return "DATE";
  if (DURATION_FORM.test(value)) return "DURATION";
  return value.includes("/") ? "PERIOD" : "";
}

/** DATE and DATE-TIME as they are, DURATION and the duration in a PERIOD in one spelling. */
export function canonicalTime(value: string): string {
  const slash = value.indexOf("/");
  return slash === -1
    ? canonicalDuration(value)
    : `${value.slice(0, slash + 1)}${canonicalDuration(value.slice(slash + 1))}`;
}

/**
 * RECUR: parts sorted, so are the values of the BY parts, which are sets (RFC 5545 3.3.10), and
 * without the defaults INTERVAL=1 and WKST=MO.
 */
export function canonicalRule(value: string): string {
  return upperCase(value).split(";").filter((part) => part !== "").map(canonicalPart)
    .filter((part) => part !== "INTERVAL=1" && part !== "WKST=MO").sort().join(";");
}

function canonicalPart(part: string): string {
  const equals = part.indexOf("=") + 1;
  const name = part.slice(0, equals);
  const values = part.slice(equals);
  if (name === "INTERVAL=" || name === "COUNT=") return name + canonicalInteger(values);
  if (!name.startsWith("BY")) return part;
  return name + values.split(",").map((value) => {
    const day = /[A-Z]{2}$/.exec(value)?.[0] ?? "";
    return canonicalInteger(value.slice(0, value.length - day.length)) + day;
  }).sort().join(",");
}
