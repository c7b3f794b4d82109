// What an alert offers to be watched or muted: the words that are selected in it, its products, its names.
import type { Detail, EntityKind } from '$lib/ipc/generated';
import { calledAs, emptyDraft, type Draft } from './draft';

const MOST = 12;
const MOST_PRODUCTS = 4;
const LONGEST = 120;
const OF_NAMES: readonly EntityKind[] = ['actor', 'malware', 'ransomware', 'tool', 'product', 'vendor', 'organisation', 'vulnerability'];

export interface Choice {
  label: string;
  draft: Draft;
}

/** A selection as a term: one line, trimmed; nothing where it is too long to be one. */
export function asTerm(selected: string): string {
  const one = selected.replace(/\s+/g, ' ').trim();
  return one.length > LONGEST || !/[\p{L}\p{N}]/u.test(one) ? '' : one;
}

export const ofTerm = (term: string): Draft => ({ ...emptyDraft(), term });
export const ofProduct = (vendor: string, product: string): Draft => ({ ...emptyDraft(), kind: 'product', vendor, product, term: calledAs(product) });

/** Selected words first, then products, then names; each once. */
export function choicesOf(detail: Detail | null, selected: string): Choice[] {
  const choices: Choice[] = [];
  const has = new Set<string>();
  const add = (label: string, draft: Draft): void => {
    const key = `${draft.kind} ${label.toLowerCase()}`;
    if (label === '' || has.has(key) || choices.length >= MOST) return;
    has.add(key);
    choices.push({ label, draft });
  };
  const term = asTerm(selected);
  add(term, ofTerm(term));
  if (!detail) return choices;
  let products = 0;
  for (const { vendor, product } of detail.facts.products) {
    if (products >= MOST_PRODUCTS) break;
    const before = choices.length;
    add(vendor === '' ? product : `${vendor} : ${product}`, ofProduct(vendor, product));
    products += choices.length - before;
  }
  for (const kind of OF_NAMES) {
    for (const entity of detail.finding.entities.filter((one) => one.kind === kind)) add(entity.name, ofTerm(entity.name));
  }
  return choices;
}
