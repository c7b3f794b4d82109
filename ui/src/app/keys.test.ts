import { describe, expect, it } from 'vitest';
import { Keys } from './keys';

function press(key: string, more: KeyboardEventInit = {}, target: HTMLElement = document.body): KeyboardEvent {
  document.body.append(target === document.body ? document.createElement('i') : target);
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

describe('keys', () => {
  it('mean_what_the_help_says', () => {
    const keys = new Keys();
    expect(keys.read(press('j'), 0)).toEqual({ kind: 'move', by: 1 });
    expect(keys.read(press('e'), 0)).toEqual({ kind: 'state', state: 'done' });
    expect(keys.read(press('3'), 0)).toEqual({ kind: 'view', index: 2 });
    expect(keys.read(press('9'), 0)).toEqual({ kind: 'view', index: 8 });
    expect(keys.read(press('0'), 0)).toBeNull();
    expect(keys.read(press('E', { shiftKey: true }), 0)).toEqual({ kind: 'ask', what: 'reason' });
    expect(keys.read(press('J', { shiftKey: true }), 0)).toEqual({ kind: 'extend', by: 1 });
    expect(keys.read(press('toString'), 0)).toBeNull();
  });

  it('do_nothing_while_somebody_types', () => {
    const keys = new Keys();
    expect(keys.read(press('e', {}, document.createElement('input')), 0)).toBeNull();
    expect(keys.read(press('1', {}, document.createElement('textarea')), 0)).toBeNull();
    expect(keys.read(press('n', { isComposing: true }), 0)).toBeNull();
  });

  it('leave_the_browsers_own_combinations_alone_but_for_collecting', () => {
    const keys = new Keys();
    expect(keys.read(press('c', { ctrlKey: true }), 0)).toBeNull();
    expect(keys.read(press('a', { ctrlKey: true }, document.createElement('input')), 0)).toBeNull();
    expect(keys.read(press('a', { ctrlKey: true }), 0)).toEqual({ kind: 'all' });
    expect(keys.read(press('a', { metaKey: true }), 0)).toEqual({ kind: 'all' });
    expect(keys.read(press('r', { ctrlKey: true, shiftKey: true }), 0)).toBeNull();
    expect(keys.read(press('r', { ctrlKey: true }), 0)).toEqual({ kind: 'collect' });
    expect(keys.read(press('r', { ctrlKey: true }, document.createElement('input')), 0)).toEqual({ kind: 'collect' });
  });

  it('leave_a_button_its_enter', () => {
    const keys = new Keys();
    expect(keys.read(press('Enter', {}, document.createElement('button')), 0)).toBeNull();
    expect(keys.read(press('Enter'), 0)).toEqual({ kind: 'open' });
  });

  it('go_to_a_screen_by_a_short_sequence', () => {
    const keys = new Keys();
    expect(keys.read(press('g'), 1000)).toBeNull();
    expect(keys.read(press('s'), 1500)).toEqual({ kind: 'go', screen: 'sources' });
    expect(keys.read(press('g'), 2000)).toBeNull();
    expect(keys.read(press('i'), 9000)).toBeNull();
    expect(keys.read(press('g'), 10_000)).toBeNull();
    expect(keys.read(press('j'), 10_100)).toEqual({ kind: 'move', by: 1 });
    keys.read(press('g'), 20_000);
    expect(keys.read(press('g'), 20_100)).toEqual({ kind: 'first' });
    keys.read(press('g'), 30_000);
    expect(keys.read(press('2'), 30_100)).toEqual({ kind: 'own_view', index: 1 });
  });
});
