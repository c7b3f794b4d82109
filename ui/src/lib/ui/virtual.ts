// The arithmetic of a list with rows of one height, whatever their number. Engines clamp an element's height
// near 16.8 million px, so beyond TALLEST the scroll range is compressed: "physical" is what the browser
// scrolls, "logical" is where the rows are.
export const TALLEST = 15_000_000;

export interface Geometry {
  count: number;
  rowHeight: number;
  viewport: number;
}

export const logicalHeight = (g: Geometry): number => g.count * g.rowHeight;
export const physicalHeight = (g: Geometry): number => Math.min(logicalHeight(g), TALLEST);

/** Logical px for one physical px; 1 until the range is compressed. */
function scale(g: Geometry): number {
  const physical = physicalHeight(g) - g.viewport;
  return physical <= 0 ? 1 : Math.max(1, (logicalHeight(g) - g.viewport) / physical);
}

export const toLogical = (g: Geometry, scrollTop: number): number =>
  clamp(scrollTop * scale(g), 0, Math.max(0, logicalHeight(g) - g.viewport));

export const toPhysical = (g: Geometry, logicalTop: number): number =>
  clamp(logicalTop, 0, Math.max(0, logicalHeight(g) - g.viewport)) / scale(g);

/** The first row that is to be drawn and how many, with `overscan` rows on each side. */
export function drawn(g: Geometry, scrollTop: number, overscan: number): { first: number; length: number } {
  const top = toLogical(g, scrollTop);
  const first = Math.max(0, Math.floor(top / g.rowHeight) - overscan);
  const last = Math.min(g.count, Math.ceil((top + g.viewport) / g.rowHeight) + overscan);
  return { first, length: Math.max(0, last - first) };
}

/** Where a row stands in the scrolled element, in physical px. */
export const rowTop = (g: Geometry, scrollTop: number, index: number): number =>
  index * g.rowHeight - toLogical(g, scrollTop) + scrollTop;

/** The scroll position that shows a row: unchanged where it is in sight already. */
export function scrollToShow(g: Geometry, scrollTop: number, index: number, margin = 0): number {
  const top = toLogical(g, scrollTop);
  const start = index * g.rowHeight - margin;
  const end = (index + 1) * g.rowHeight + margin;
  if (start < top) return toPhysical(g, start);
  if (end > top + g.viewport) return toPhysical(g, end - g.viewport);
  return scrollTop;
}

/** The scroll position at which a row stands as far from the top as it stood before rows came or went above it. */
export const scrollToKeep = (before: Geometry, scrollTop: number, from: number, after: Geometry, to: number): number =>
  toPhysical(after, toLogical(before, scrollTop) + (to - from) * after.rowHeight);

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
