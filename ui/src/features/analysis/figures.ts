// The arithmetic of the drawing of counts before and after.
import type { ThresholdPreview } from '$lib/ipc/generated';

/** The parts of both bars in per cent of all articles. */
export function widths({ articles, relevant_now, relevant_then }: Pick<ThresholdPreview, 'articles' | 'relevant_now' | 'relevant_then'>): { now: number; kept: number; gained: number; lost: number } {
  const part = (n: number): number => (articles === 0 ? 0 : (100 * n) / articles);
  const kept = Math.min(relevant_now, relevant_then);
  return { now: part(relevant_now), kept: part(kept), gained: part(relevant_then - kept), lost: part(relevant_now - kept) };
}
