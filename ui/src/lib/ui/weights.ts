// The arithmetic of bars that show weights on both sides of a line.

/** How long each weight's bar is, in per cent of one side: the heaviest fills its side. */
export function lengths(weights: readonly number[]): number[] {
  const most = Math.max(0, ...weights.map(Math.abs).filter(Number.isFinite));
  return weights.map((weight) => (most === 0 || !Number.isFinite(weight) ? 0 : Math.max(1.5, (100 * Math.abs(weight)) / most)));
}
