// Pieces of a text with the matched places told apart. Text from outside stays text: whoever shows the
// pieces makes elements of them and never parses markup.
export interface Piece {
  text: string;
  marked: boolean;
  /** What it is marked for; what was looked for where nothing is said. */
  layer?: Layer;
}

/** A name that analysis found, and a word that decided something. Where layers overlap the last of `ORDER` is shown. */
export type Layer = 'entity' | 'term';

/** A half-open range. In {@link markScalars} it counts Unicode scalar values, elsewhere UTF-16 units. */
export interface Range {
  start: number;
  end: number;
  layer?: Layer;
}

const ORDER: readonly (Layer | undefined)[] = ['entity', undefined, 'term'];

/** Turns ranges in Unicode scalar values, as the backend counts, into ranges in UTF-16 units. */
export function toUtf16(text: string, ranges: readonly Range[]): Range[] {
  const wanted = [...new Set(ranges.flatMap((r) => [r.start, r.end]))].sort((a, b) => a - b);
  const at = new Map<number, number>();
  let unit = 0;
  let scalar = 0;
  for (const place of wanted) {
    while (scalar < place && unit < text.length) {
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
      scalar += 1;
    }
    at.set(place, unit);
  }
  return ranges.map((r) => ({ start: at.get(r.start) ?? 0, end: at.get(r.end) ?? 0, ...(r.layer === undefined ? {} : { layer: r.layer }) }));
}

/** Splits a text at ranges in UTF-16 units; overlapping ranges of a layer become one. */
export function mark(text: string, ranges: readonly Range[]): Piece[] {
  const layers = ORDER.map((layer) => merged(ranges.filter((range) => range.layer === layer), text.length));
  const cuts = [...new Set([0, text.length, ...layers.flat().flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  const next = layers.map(() => 0);
  const pieces: Piece[] = [];
  for (let i = 0; i + 1 < cuts.length; i += 1) {
    const [start, end] = [cuts[i] as number, cuts[i + 1] as number];
    let shown = -1;
    layers.forEach((all, at) => {
      while ((all[next[at] as number]?.end ?? Infinity) <= start) next[at] = (next[at] as number) + 1;
      if ((all[next[at] as number]?.start ?? Infinity) <= start) shown = at;
    });
    const layer = ORDER[shown];
    pieces.push({ text: text.slice(start, end), marked: shown >= 0, ...(layer === undefined ? {} : { layer }) });
  }
  return joined(pieces);
}

/** Neighbours that look the same become one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last && last.marked === piece.marked && last.layer === piece.layer) last.text += piece.text;
    else result.push({ ...piece });
  }
  return result;
}

export const markScalars = (text: string, ranges: readonly Range[]): Piece[] => mark(text, toUtf16(text, ranges));

/** Splits a text into paragraphs at empty lines, each with the ranges (UTF-16) that fall into it. */
export function paragraphs(text: string, ranges: readonly Range[]): Piece[][] {
  const all: Piece[][] = [];
  let start = 0;
  for (const part of text.split(/(\n{2,})/)) {
    if (!part.startsWith('\n') && part !== '') {
      const end = start + part.length;
      const inside = ranges
        .filter((r) => r.start < end && r.end > start)
        .map((r) => ({ ...r, start: Math.max(0, r.start - start), end: Math.min(part.length, r.end - start) }));
      all.push(mark(part, inside));
    }
    start += part.length;
  }
  return all;
}

/** The words of a search, for highlighting: without quotes, operators, exclusions and `field:value`. */
export function queryWords(query: string): string[] {
  const words: string[] = [];
  for (const [, quoted, bare] of query.matchAll(/-?"([^"]*)"?|(\S+)/g)) {
    const text = quoted ?? bare ?? '';
    if (quoted === undefined && (/^-/.test(text) || /^[a-z_]+[:<>=]/i.test(text) || /^(AND|OR|NOT)$/.test(text))) continue;
    words.push(...(text.toLowerCase().match(/[\p{L}\p{N}]+(?:[-._][\p{L}\p{N}]+)*/gu) ?? []));
  }
  return [...new Set(words)];
}

/** Where words stand in a text, each at a word's beginning; case does not matter. */
export function findWords(text: string, words: readonly string[]): Range[] {
  if (words.length === 0) return [];
  const any = words.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const ranges: Range[] = [];
  for (const found of text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})`, 'giu'))) {
    ranges.push({ start: found.index, end: found.index + found[0].length });
  }
  return ranges;
}

function merged(ranges: readonly Range[], length: number): Range[] {
  const result: Range[] = [];
  const sorted = ranges
    .map((r) => ({ start: Math.max(0, r.start), end: Math.min(length, r.end) }))
    .filter((r) => r.end > r.start)
    .sort((a, b) => a.start - b.start);
  for (const range of sorted) {
    const last = result.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else result.push(range);
  }
  return result;
}
