// Which places of a title or a text are marked: where watches and mutes match, where names and indicators stand, and
// what is pointed at. Offsets from the backend are Unicode scalar values.
import type { Detail, Span } from '$lib/ipc/generated';
import { toUtf16, type Range } from '$lib/text/marks';

export function placesIn(text: string, field: 'title' | 'text', pointed: readonly Span[], detail: Pick<Detail, 'finding'> | null): Range[] {
  if (!detail) return [];
  const { relevance, entities, indicators } = detail.finding;
  const here = <T extends Span>(all: readonly T[]): T[] => all.filter((one) => one.field === field);
  return toUtf16(text, [
    ...here([...relevance.matches, ...relevance.muted_by]).map(({ start, end }) => ({ start, end })),
    ...here([...entities, ...indicators]).map(({ start, end }) => ({ start, end, layer: 'entity' as const })),
    ...here(pointed).map(({ start, end }) => ({ start, end, layer: 'term' as const })),
  ]);
}
