// Which affected products a watch names. The backend looks for watches in the products as lines
// `vendor product` without neighbouring repeats (Facts::product_lines), so a place there leads back to a line.
import type { Product, WatchMatch } from '$lib/ipc/generated';
import { toUtf16 } from '$lib/text/marks';

export function matchedProducts(products: readonly Product[], matches: readonly WatchMatch[]): Set<number> {
  const places = matches.filter((match) => match.field === 'products');
  if (places.length === 0) return new Set();
  const lines: { text: string; members: number[] }[] = [];
  products.forEach(({ vendor, product }, at) => {
    const text = `${vendor} ${product}`.trim();
    const last = lines.at(-1);
    if (last?.text === text) last.members.push(at);
    else lines.push({ text, members: [at] });
  });
  const ranges = toUtf16(lines.map((line) => line.text).join('\n'), places);
  const found = new Set<number>();
  let start = 0;
  for (const line of lines) {
    const end = start + line.text.length;
    if (ranges.some((range) => range.start < end && range.end > start)) line.members.forEach((at) => found.add(at));
    start = end + 1;
  }
  return found;
}
