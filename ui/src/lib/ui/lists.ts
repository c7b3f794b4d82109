// Lists as people type them: separated by commas or line ends, trimmed, each once, nothing empty.
export function splitList(text: string): string[] {
  return [...new Set(text.split(/[,;\n]/).map((part) => part.trim()).filter((part) => part !== ''))];
}

export const joinList = (parts: readonly string[]): string => parts.join(', ');

/** A whole number within bounds, or null. */
export function wholeNumber(text: string, least: number, most: number): number | null {
  if (!/^\d{1,9}$/.test(text.trim())) return null;
  const n = Number(text);
  return n >= least && n <= most ? n : null;
}
