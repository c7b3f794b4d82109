// Texts of the screen Notifications and of the bell, in English.
import type { DeliveryForm, DeliveryState, Folder } from '../ipc/generated';
import { enNotify } from './en-notify';
import { alerts, count, messages, quote } from './en-words';
import { list, number, upTo999 } from './format';

const { channelName } = enNotify;

export const enNotifications = {
  title: 'Notifications',
  intro: 'Everything that rules sent, or will send. What failed, or whose fate is unknown, is never sent again by itself.',
  failed: 'The messages could not be read.',
  detailFailed: 'The message could not be read.',
  loading: 'Opening…',
  folders: { all: 'All', outbox: 'Outbox', delivered: 'Delivered', failed: 'Failed', digests: 'Digests' } satisfies Record<Folder, string>,
  foldersLabel: 'Folders',
  counted: (name: string, n: number): string => `${name} (${upTo999(n)})`,
  channel: 'Channel',
  everyChannel: 'Every channel',
  gone: (name: string): string => `${name} (removed)`,
  listLabel: 'Messages',
  more: 'Show more',
  alerts: (n: number): string => alerts(n),
  empty: {
    all: 'No message yet. Rules under Settings, Routing say what is sent; a channel must be on.',
    outbox: 'Nothing waits.',
    delivered: 'Nothing was delivered yet.',
    failed: 'Nothing failed.',
    digests: 'No digest yet. Rules can gather alerts for one; caps and quiet hours do.',
  } satisfies Record<Folder, string>,
  emptyChannel: (name: string): string => `Nothing of ${quote(name)} is in this folder.`,
  showAll: 'Every channel',
  routing: 'Routing',
  channels: 'Channels',

  none: 'No message selected',
  back: 'Back to the list',
  to: 'To',
  state: 'State',
  form: 'Kind',
  routed: 'Routed',
  due: 'Due',
  dueAgo: 'Due since',
  next: 'Next attempt',
  finished: 'Ended',
  what: {
    waiting: 'It goes out when it is due.',
    retrying: 'An attempt failed for a passing reason. It is made again by itself.',
    sending: 'It is being handed over now.',
    sent: 'The service took it.',
    failed: 'It will not be tried again by itself. Remove the cause, then resend it or give it up.',
    unknown: 'Tocsin ended, or the connection broke, before the answer came, so nobody knows whether it arrived. Look at the destination; resending may send it twice.',
    expired: 'Its channel could not send for so long that nobody wants it as a message any more. Its alerts are in the inbox. It can still be resent.',
    dropped: 'You gave it up.',
  } satisfies Record<DeliveryState, string>,
  resend: 'Resend',
  resendLabel: (title: string): string => `Resend ${title}`,
  drop: 'Give up',
  dropLabel: (title: string): string => `Give up ${title}`,
  resent: 'It is sent once more',
  dropped: 'Given up',
  resendAll: 'Resend all',
  dropAll: 'Give all up',
  resendAllTitle: (n: number): string => `Resend ${messages(n)}?`,
  dropAllTitle: (n: number): string => `Give ${messages(n)} up?`,
  resendAllWhat: 'Those whose fate is unknown may then arrive twice.',
  dropAllWhat: 'They are not sent. Their alerts stay in the inbox.',
  ofChannel: (name: string): string => `Only those of ${name}.`,
  ofAll: 'Those of every channel.',
  cancel: 'Cancel',

  message: 'Message',
  messageFinal: 'As it went out',
  messageNow: 'As it would go out now',
  messageGone: 'The message is no longer kept; messages are forgotten after 90 days.',
  subjects: 'Alerts in it',
  subjectsMore: (n: number): string => `and ${number(n)} more`,
  askedBy: (rules: readonly string[]): string => `asked for by ${list(rules.map(quote))}`,
  openAlert: (title: string): string => `Open ${title} in the inbox`,
  attempts: 'Attempts',
  attemptsNone: 'None yet.',
  attemptOk: 'taken',
  attemptRunning: 'no answer yet',
  attemptCount: (n: number): string => count(n, 'attempt', 'attempts'),

  /** In the history of an alert. */
  history: (channel: string, state: DeliveryState, form: DeliveryForm): string => {
    const to = `${channelName(channel)}${form === 'digest' ? ', in a digest' : form === 'quiet' ? ', after quiet hours' : ''}`;
    return {
      waiting: `Waits to be sent: ${to}`,
      retrying: `Tried again: ${to}`,
      sending: `Being sent: ${to}`,
      sent: `Sent: ${to}`,
      failed: `Not sent: ${to}`,
      unknown: `Perhaps sent: ${to}`,
      expired: `No longer sent: ${to}`,
      dropped: `Given up: ${to}`,
    }[state];
  },
  historyDue: (when: string): string => `due ${when}`,
  ofAlert: {
    title: 'Notifications',
    open: (channel: string): string => `Show the message to ${channel}`,
  },

  bell: {
    label: 'Notifications',
    unseen: (n: number): string => `Notifications: ${number(n)} new`,
    undelivered: (n: number): string => `${messages(n, 'message was', 'messages were')} not delivered`,
    empty: 'No rule has sent anything yet.',
    isUnseen: 'new',
    all: 'All notifications',
    failed: 'The bell could not be read.',
    to: (channels: readonly string[]): string => `to ${list(channels)}`,
  },
};
