// Words that everything about messages shares, in English: states, forms, changes, days, and how channels are called.
import type { ChangeKind, DeliveryForm, DeliveryState, Trigger, Urgency, Weekday } from '../ipc/generated';
import { list } from './format';

const weekdays: Record<Weekday, string> = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' };
const longWeekdays: Record<Weekday, string> = { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' };
const builtIn: Record<string, string> = { desktop: 'Desktop', email: 'E-mail', slack: 'Slack', telegram: 'Telegram' };

const days = (chosen: readonly Weekday[]): string => (chosen.length === 0 || chosen.length === 7 ? 'every day' : `on ${list(chosen.map((day) => weekdays[day]))}`);

export const enNotify = {
  /** A channel by its id, where its name is not known. */
  channelName: (id: string): string => builtIn[id] ?? id,
  kinds: builtIn,
  states: {
    waiting: 'Waiting', retrying: 'Retrying', sending: 'Sending', sent: 'Sent', failed: 'Failed', unknown: 'Unknown', expired: 'Expired', dropped: 'Given up',
  } satisfies Record<DeliveryState, string>,
  forms: { alerts: 'At once', digest: 'Digest', quiet: 'After quiet hours', notice: 'Notice', self_test: 'Weekly test' } satisfies Record<DeliveryForm, string>,
  changes: {
    new: 'New', scored: 'Scored', severity_raised: 'Severity raised', severity_lowered: 'Severity lowered', exploited: 'Exploited', epss_jump: 'EPSS jumped',
    products_changed: 'Products changed', text_changed: 'Text changed', rejected: 'Rejected', reopened: 'Reopened',
  } satisfies Record<ChangeKind, string>,
  triggers: {
    new: 'New', scored: 'Scored, or scored otherwise', severity_raised: 'Severity raised', raised_to_high: 'Raised to High', severity_lowered: 'Severity lowered',
    exploited: 'Became exploited', epss_jump: 'EPSS jumped', products_changed: 'Other products affected', text_changed: 'Title or text changed', rejected: 'Rejected by its source',
    reopened: 'Reopened',
  } satisfies Record<Trigger, string>,
  urgency: { low: 'low', normal: 'normal', critical: 'critical: stays until it is closed' } satisfies Record<Urgency, string>,
  weekdays,
  longWeekdays,
  /** `every day`, `on Mon and Tue`. */
  days,
  times: (at: readonly string[], chosen: readonly Weekday[], zone: string | null): string => `${list(at)}, ${days(chosen)}${zone === null ? '' : ` (${zone})`}`,

  digest: {
    at: 'Times',
    atHint: 'Times of day, separated by commas: 08:00, 17:00',
    atProblem: 'A time is written 08:00. At least one is needed.',
    days: 'Days',
    daysHint: 'None chosen is every day.',
    zone: 'Time zone',
    zoneHint: (zone: string): string => `Empty: that of this machine, ${zone}`,
    zoneProblem: 'There is no such time zone. One is written Europe/Berlin.',
  },

  message: {
    label: 'Message',
    looks: 'As it looks',
    plain: 'Plain text',
    fallback: 'As a notification shows it',
    form: 'How the message is shown',
    subject: 'Subject',
    silent: 'Comes without a sound',
    urgency: (word: string): string => `Urgency ${word}`,
    app: 'Tocsin',
    button: 'Opens the alert',
    unreadable: 'This part cannot be drawn; here it is as it goes out.',
  },
};
