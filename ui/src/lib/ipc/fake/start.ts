// The fake backend for `npm run dev`, opened with `?fake`. `?fake=empty` has nothing collected, `?fake=unwatched`
// no watch, `?fake=broken` a settings file that cannot be read, `?fake=offline` no answer, `?fake=damaged` a database
// that cannot be opened, `?fake=full` a full disk, `?fake=many` two hundred feeds and watches, `?fake=nofeeds` none of the
// user's, `?fake=taught` and `?fake=heldback` a model of the user's, `?fake=badmodel` and `?fake=nomodel` none that can be read,
// `?fake=quiet` no message.
import { CallError, type Backend } from '../backend';
import { FakeBackend, type FakeOptions } from './backend';
import { term } from './watching';

const MODELS: Record<string, NonNullable<FakeOptions['model']>> = { taught: 'taught', heldback: 'held_back', badmodel: 'broken', nomodel: 'none' };

export function startFake(params: URLSearchParams): Backend {
  const kind = params.get('fake');
  const fake = new FakeBackend({
    ...(kind === 'empty' ? { alerts: 0, watches: [] } : {}),
    ...(kind === 'unwatched' ? { watches: [] } : {}),
    ...(kind === 'many' ? { watches: Array.from({ length: 240 }, (_, i) => term(`watch number ${i + 1}`, i % 3 === 0 ? { aliases: ['one', 'other'] } : {})) } : {}),
    model: MODELS[kind ?? ''] ?? 'fine',
    feeds: kind === 'many' ? 'many' : kind === 'nofeeds' ? 'none' : 'some',
    isBroken: kind === 'broken',
    isDamaged: kind === 'damaged',
    isFull: kind === 'full',
    messages: kind === 'many' ? 1200 : kind === 'quiet' ? 0 : 90,
  });
  if (kind === 'offline') {
    const fault = { code: 'server_unreachable', params: {}, message: 'Tocsin does not answer. Is it still running?' };
    fake.call = () => Promise.reject(new CallError(fault));
  }
  Object.assign(window, { fake });
  return fake;
}
