// The arithmetic of the drawings: bars of weights on both sides of a line, and of counts before and after.
import type { ThresholdPreview } from '$lib/ipc/generated';

/** How long each weight's bar is, in per cent of one side: the heaviest fills its side. */
export function lengths(weights: readonly number[]): number[] {
  const most = Math.max(0, ...weights.map(Math.abs).filter(Number.isFinite));
  return weights.map((weight) => (most === 0 || !Number.isFinite(weight) ? 0 : Math.max(1.5, (100 * Math.abs(weight)) / most)));
}

/** The parts of both bars in per cent of all articles. */
export function widths({ articles, relevant_now, relevant_then }: Pick<ThresholdPreview, 'articles' | 'relevant_now' | 'relevant_then'>): { now: number; kept: number; gained: number; lost: number } {
  const part = (n: number): number => (articles === 0 ? 0 : (100 * n) / articles);
  const kept = Math.min(relevant_now, relevant_then);
  return { now: part(relevant_now), kept: part(kept), gained: part(relevant_then - kept), lost: part(relevant_now - kept) };
}
