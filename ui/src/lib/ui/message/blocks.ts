// Slack's blocks, read from their JSON as far as they are drawn. What is not known is shown as it is.
import { ofMrkdwn, unescaped, type Markup } from './markup';

export type Block =
  | { kind: 'header'; text: string }
  | { kind: 'section'; text: readonly Markup[]; fields: readonly (readonly Markup[])[] }
  | { kind: 'context'; parts: readonly (readonly Markup[])[] }
  | { kind: 'actions'; buttons: readonly { text: string; href: string | null; isPrimary: boolean }[] }
  | { kind: 'divider' }
  | { kind: 'other'; text: string };

type Thing = Record<string, unknown>;

/** The blocks; null where the text is no list of blocks. */
export function readBlocks(json: string): Block[] | null {
  try {
    const all: unknown = JSON.parse(json);
    return Array.isArray(all) ? all.map(block) : null;
  } catch {
    return null;
  }
}

function block(value: unknown): Block {
  const one = thing(value);
  switch (one.type) {
    case 'header':
      return { kind: 'header', text: words(one.text) };
    case 'section':
      return { kind: 'section', text: one.text === undefined ? [] : text(one.text), fields: things(one.fields).map(text) };
    case 'context':
      return { kind: 'context', parts: things(one.elements).map(text) };
    case 'divider':
      return { kind: 'divider' };
    case 'actions':
      return { kind: 'actions', buttons: things(one.elements).map((button) => ({ text: words(button.text), href: typeof button.url === 'string' ? button.url : null, isPrimary: button.style === 'primary' })) };
    default:
      return { kind: 'other', text: JSON.stringify(value) };
  }
}

const thing = (value: unknown): Thing => (typeof value === 'object' && value !== null ? (value as Thing) : {});
const things = (value: unknown): Thing[] => (Array.isArray(value) ? value.map(thing) : []);
const words = (value: unknown): string => {
  const said = thing(value).text;
  return typeof said === 'string' ? said : '';
};
const text = (value: unknown): Markup[] => (thing(value).type === 'mrkdwn' ? ofMrkdwn(words(value)) : [{ text: unescaped(words(value)) }]);
