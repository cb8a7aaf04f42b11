/** Numbers with their nouns. */

/** A whole number with its thousands set apart. */
export const figure = (value: number): string =>
  String(value).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ",");

/** `1 conflict`, `2 conflicts`. The plural is the singular with an s unless it is given. */
export const counted = (value: number, singular: string, plural = `${singular}s`): string =>
  `${figure(value)} ${value === 1 ? singular : plural}`;
