/** The bytes of mails that tests make up. */

/** Each letter as one byte; those that do not fit (above U+00FF) as UTF-8. */
export function bytesOf(text: string): Uint8Array {
  const encoder = new TextEncoder();
  return new Uint8Array([...text].flatMap((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return code < 256 ? [code] : [...encoder.encode(letter)];
  }));
}

/** A mail with the headers that every mail has, made of a number; in UTF-8, with LF. */
export function mailOf(number: number, subject: string, text: string): Uint8Array {
  const date = new Date(Date.UTC(2024, 0, 1) + number * 61_000).toUTCString().replace(
    "GMT",
    "+0000",
  );
  return new TextEncoder().encode(
    `Return-Path: <sender@example.org>
Received: from a.example.org by b.example.org; ${date}
Date: ${date}
From: Sender <sender@example.org>
To: Reader <reader@example.org>
Subject: ${subject}
Message-ID: <m${number}@example.org>

${text}`,
  );
}
