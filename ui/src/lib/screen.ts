// What the tests of screens share: a screen is mounted over the fake backend, used as a hand would, and looked at with
// axe. The clock is the tests' own. Only tests import this.
import axe from 'axe-core';
import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeEach, vi } from 'vitest';
import type { FakeBackend } from '$lib/ipc/fake/backend';
import { NOW } from '$lib/ipc/fake/data';
import { clock } from '$lib/time/clock.svelte';

interface Options {
  /** How long after each act the tests wait, in the clock's milliseconds. */
  settleMs?: number;
  /** Rules of axe's that this screen alone cannot keep: others bring the landmarks around it. */
  without?: readonly string[];
  /** Whether axe's best practices are asked for too. */
  isStrict?: boolean;
}

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** happy-dom lays nothing out, so colours and sizes are judged in a browser; the frame around has the rest. */
const ELSEWHERE = ['color-contrast', 'target-size', 'document-title', 'html-has-lang', 'region', 'landmark-one-main'];

export const by = (id: string): HTMLElement | null => document.querySelector(`[data-testid="${id}"]`);
export const all = (id: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
export const within = (outer: string, id: string): HTMLElement | null => by(outer)?.querySelector(`[data-testid="${id}"]`) ?? null;
export const text = (id: string): string => by(id)?.textContent?.trim().replace(/\s+/g, ' ') ?? '';
/** The edits of the settings that were asked for. */
export const edits = (backend: FakeBackend): unknown[] => backend.calls.filter(({ name }) => name === 'settings_edit').map(({ request }) => (request as { edit: unknown }).edit);

/** Sets the clock and tidies up around each test of this file; gives the hands that use what is shown. */
export function screenTests({ settleMs = 600, without = [], isStrict = true }: Options = {}) {
  let shown: Record<string, unknown> | undefined;

  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    clock.set(new Date(NOW).toISOString());
  });
  afterEach(async () => {
    await hide();
    clock.stop();
    vi.useRealTimers();
  });

  async function settle(ms = settleMs): Promise<void> {
    flushSync();
    await vi.advanceTimersByTimeAsync(ms);
    flushSync();
  }

  function show<Props extends Record<string, unknown>>(component: Component<Props>, props: Props): void {
    shown = mount(component, { target: document.body, props });
  }

  async function hide(): Promise<void> {
    if (shown) await unmount(shown);
    shown = undefined;
    document.getSelection()?.removeAllRanges();
    document.body.replaceChildren();
  }

  async function click(id: string): Promise<void> {
    by(id)?.click();
    await settle();
  }

  async function press(key: string): Promise<void> {
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    await settle();
  }

  /** Types into a field, by its id or itself, and stays in it. */
  async function type(where: string | HTMLElement | null, value: string): Promise<void> {
    const input = (typeof where === 'string' ? by(where) : where) as HTMLInputElement;
    input.focus();
    input.value = value;
    input.dispatchEvent(new window.Event('input', { bubbles: true }));
    await settle();
  }

  /** Types into a field and leaves it. */
  async function fill(id: string, value: string): Promise<void> {
    await type(id, value);
    await leave(id);
  }

  async function leave(id: string): Promise<void> {
    by(id)?.blur();
    await settle();
  }

  async function submit(id: string): Promise<void> {
    by(id)?.closest('form')?.requestSubmit();
    await settle();
  }

  /** happy-dom opens details without telling. */
  async function unfold(id: string): Promise<void> {
    const details = by(id)?.closest('details');
    if (details && !details.open) details.open = true;
    details?.dispatchEvent(new window.Event('toggle'));
    await settle();
  }

  /** What axe finds, as a sentence each. Structure only. */
  async function violations(): Promise<string[]> {
    // A timer that is pending when the clocks change would never come.
    await settle(1500);
    vi.useRealTimers();
    const release = shareStyles();
    const result = await axe.run(document, {
      runOnly: isStrict ? [...WCAG, 'best-practice'] : WCAG,
      resultTypes: ['violations'],
      rules: Object.fromEntries([...ELSEWHERE, ...without].map((rule) => [rule, { enabled: false }])),
    });
    release();
    vi.useFakeTimers();
    return result.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.target.join(' ')}`);
  }

  return { settle, show, hide, click, press, type, fill, leave, submit, unfold, violations };
}

/**
 * Lets elements that must look the same share one computed style while nothing changes: happy-dom works each out from
 * the root, which is half of axe's time. Without style sheets only the ancestors' tags, their own styles and what the
 * default style asks (`open`) decide. Gives what takes it back.
 */
function shareStyles(): () => void {
  if (document.styleSheets.length > 0) return () => {};
  const real = window.getComputedStyle;
  const looks = new Map<string, { id: number; style: CSSStyleDeclaration }>();
  const known = new Map<Element, ReturnType<typeof look>>();
  function look(element: Element) {
    const parent = element.parentElement;
    const key = `${parent ? of(parent).id : ''} ${element.tagName} ${element.hasAttribute('open') ? 1 : 0} ${element.getAttribute('style') ?? ''}`;
    let found = looks.get(key);
    if (!found) {
      found = { id: looks.size, style: readOnce(real.call(window, element)) };
      looks.set(key, found);
    }
    return found;
  }
  function of(element: Element): ReturnType<typeof look> {
    let found = known.get(element);
    if (!found) {
      found = look(element);
      known.set(element, found);
    }
    return found;
  }
  window.getComputedStyle = (element: Element) => of(element).style;
  return () => {
    window.getComputedStyle = real;
  };
}

/** A style of which each value is worked out once. */
function readOnce(style: CSSStyleDeclaration): CSSStyleDeclaration {
  const values = new Map<PropertyKey, unknown>();
  const once = (name: PropertyKey, read: () => unknown): unknown => {
    if (!values.has(name)) values.set(name, read());
    return values.get(name);
  };
  const getPropertyValue = (name: string): unknown => once(`value of ${name}`, () => style.getPropertyValue(name));
  return new Proxy(style, { get: (_, name) => (name === 'getPropertyValue' ? getPropertyValue : once(name, () => Reflect.get(style, name))) });
}
