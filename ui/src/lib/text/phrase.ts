// A text as a phrase of the query language: these words in a row.
export const phrase = (text: string): string => `"${text.replaceAll('"', ' ').replace(/\s+/g, ' ').trim()}"`;
