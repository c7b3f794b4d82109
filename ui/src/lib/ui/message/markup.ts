// Marked-up text as a small tree that is drawn as elements: whatever it was written in, only these tags can come
// of it, and text stays text.
export type Tag = 'b' | 'i' | 'u' | 's' | 'code' | 'pre' | 'blockquote' | 'span';
export type Markup = { text: string } | { tag: Tag; href: string | null; inside: readonly Markup[] };

const TAGS: Record<string, Tag> = {
  b: 'b', strong: 'b', i: 'i', em: 'i', u: 'u', ins: 'u', s: 's', strike: 's', del: 's', code: 'code', pre: 'pre', blockquote: 'blockquote', a: 'span',
};

/** Telegram's HTML. A tag that Telegram has not is nothing; what is in it is shown. */
export function ofHtml(html: string): Markup[] {
  const { body } = new DOMParser().parseFromString(`<body>${html}`, 'text/html');
  return [...body.childNodes].flatMap(read);
}

function read(node: Node): Markup[] {
  if (node.nodeType === 3) return [{ text: node.textContent ?? '' }];
  if (node.nodeType !== 1) return [];
  const element = node as Element;
  const name = element.tagName.toLowerCase();
  if (name === 'script' || name === 'style') return [];
  const inside = [...element.childNodes].flatMap(read);
  const tag = TAGS[name];
  return tag ? [{ tag, href: name === 'a' ? element.getAttribute('href') : null, inside }] : inside;
}

const MARKS: Record<string, Tag> = { '*': 'b', _: 'i', '~': 's' };

/** Slack's mrkdwn: `*bold*`, `_italic_`, `~struck~`, code, and links as `<address|words>`. */
export function ofMrkdwn(text: string): Markup[] {
  const found: Markup[] = [];
  let rest = text;
  let before = '';
  const flush = (): void => {
    if (before !== '') found.push({ text: unescaped(before) });
    before = '';
  };
  while (rest !== '') {
    const code = /^(```|`)([\s\S]+?)\1/.exec(rest);
    const link = /^<([^<>|]+)(?:\|([^<>]*))?>/.exec(rest);
    const marked = /^([*_~])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/u.exec(rest);
    const isAtWord = /[\p{L}\p{N}]$/u.test(before);
    if (code) {
      flush();
      found.push({ tag: code[1] === '`' ? 'code' : 'pre', href: null, inside: [{ text: unescaped(code[2] ?? '') }] });
      rest = rest.slice(code[0].length);
    } else if (link) {
      flush();
      const href = unescaped(link[1] ?? '');
      found.push({ tag: 'span', href, inside: [{ text: unescaped(link[2] ?? link[1] ?? '') }] });
      rest = rest.slice(link[0].length);
    } else if (marked && !isAtWord) {
      flush();
      found.push({ tag: MARKS[marked[1] ?? ''] ?? 'span', href: null, inside: ofMrkdwn(marked[2] ?? '') });
      rest = rest.slice(marked[0].length);
    } else {
      const next = [...rest][0] ?? '';
      before += next;
      rest = rest.slice(next.length);
    }
  }
  flush();
  return found;
}

/** Slack escapes these three, and nothing else. */
export const unescaped = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
