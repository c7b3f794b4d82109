// What changed between two texts, word by word: the longest common words stay, the rest came or went.
export interface DiffPart {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Above this many pairs of words the middle is shown as replaced: a table of them would be too large. */
const MOST_PAIRS = 1_000_000;

export function wordDiff(before: string, after: string): DiffPart[] {
  const a = wordsOf(before);
  const b = wordsOf(after);
  let start = 0;
  while (start < a.length && start < b.length && same(a[start], b[start])) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && same(a[a.length - 1 - end], b[b.length - 1 - end])) end += 1;
  const parts: DiffPart[] = [];
  push(parts, 'same', b.slice(0, start).join(''));
  middle(parts, a.slice(start, a.length - end), b.slice(start, b.length - end));
  push(parts, 'same', b.slice(b.length - end).join(''));
  return parts;
}

/** Parts with long unchanged stretches shortened to some words on either side. */
export function shortened(parts: readonly DiffPart[], around = 8): DiffPart[] {
  return parts.map((part, i) => {
    if (part.kind !== 'same') return part;
    const words = wordsOf(part.text);
    const first = i === 0 ? 0 : around;
    const last = i === parts.length - 1 ? 0 : around;
    if (words.length <= first + last + 4) return part;
    return { kind: 'same', text: `${words.slice(0, first).join('')}… ${last === 0 ? '' : words.slice(-last).join('')}` };
  });
}

/** Words with the white space that follows them, so that they join to the text again. */
const wordsOf = (text: string): string[] => text.match(/\S+\s*|^\s+/g) ?? [];

/** White space behind a word does not make it another one. */
const same = (a: string | undefined, b: string | undefined): boolean => a?.trimEnd() === b?.trimEnd();

function middle(parts: DiffPart[], a: readonly string[], b: readonly string[]): void {
  if (a.length * b.length > MOST_PAIRS) {
    push(parts, 'removed', a.join(''));
    push(parts, 'added', b.join(''));
    return;
  }
  // common[i][j]: how many words a from i on and b from j on have in common, in order.
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = same(a[i], b[j]) ? (common[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && same(a[i], b[j])) {
      push(parts, 'same', b[j] ?? '');
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))) {
      push(parts, 'removed', a[i] ?? '');
      i += 1;
    } else {
      push(parts, 'added', b[j] ?? '');
      j += 1;
    }
  }
}

function push(parts: DiffPart[], kind: DiffPart['kind'], text: string): void {
  if (text === '') return;
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else parts.push({ kind, text });
}
