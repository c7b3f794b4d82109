// Wordings of the faults of channels, messages and rules, in English: the exact cause, and what to do about it.
import { quote } from './en-words';

type Params = Record<string, string>;

const place = (p: Params): string => p.place ?? p.channel ?? 'its channel';
const bot = (p: Params): string => `@${(p.bot ?? 'Tocsin').replace(/^@/, '')}`;
const chat = (p: Params): string => (p.chat ? `the chat ${p.chat}` : 'the chat');
const host = (p: Params): string => p.host ?? 'The server';
const said = (p: Params): string => (p.reply ? ` It said: ${p.reply}` : '');
const because = (p: Params): string => (p.reason ? ` (${p.reason})` : '');
const named = (p: Params): string => p.name ?? p.channel ?? 'A channel';
const refusedMessage = (service: string, why: string | undefined): string =>
  `${service} refused this message${why ? ` (${why})` : ''}. That is a mistake of Tocsin: please report it. The alerts are in the inbox.`;

/** What a service that is asked over the web can say, or what stands in its place. */
const ofService = <S extends string>(code: S, name: string) =>
  ({
    [`${code}_server_error`]: (p: Params) => `${name} has a fault of its own${p.status ? ` (HTTP ${p.status})` : ''}. The message is sent again by itself.`,
    [`${code}_not_itself`]: (p: Params) => `Something else answered in the place of ${name}${p.host ? ` (${p.host})` : ''}: a proxy, a portal, or a wrong address. The message is sent again by itself.`,
    [`${code}_http_status`]: (p: Params) => `${host(p)} answered${p.status ? ` with HTTP ${p.status}` : ''}, which is not the way of ${name}. Check its address in Settings, Channels, and whether a proxy is in the way.`,
    [`${code}_unknown`]: (p: Params) => `The message was handed over to ${name}${p.reason ? `, but ${p.reason}` : ''}, so nobody knows whether it arrived. Look there, then resend it or give it up.`,
    [`${code}_no_answer`]: (p: Params) => `${name} was asked${p.reason ? `, but ${p.reason}` : ' and did not answer'}. Try again.`,
  }) as Record<`${S}_${'server_error' | 'not_itself' | 'http_status' | 'unknown' | 'no_answer'}`, (p: Params) => string>;

export const enNotifyFaults = {
  // Slack
  slack_no_token: () => 'Slack has neither a bot token nor a webhook. Set one in Settings, Channels.',
  slack_no_channel: () => 'No Slack channel is chosen. Name one in Settings, Channels, or press Find there.',
  slack_channel_invalid: (p: Params) => `${p.channel ? quote(p.channel) : 'This'} is neither a channel such as #alerts nor an id such as C024BE91L.`,
  slack_webhook_invalid: () => 'The webhook is no https address. Copy it again from your app’s page, Incoming Webhooks.',
  slack_webhook_gone: () => 'The webhook does not exist any more, or was switched off. Make a new one on your app’s page, Incoming Webhooks.',
  slack_not_in_channel: (p: Params) => `The app is not a member of ${place(p)}. Invite the app to ${place(p)}: /invite ${bot(p)}`,
  slack_channel_not_found: (p: Params) => `Slack shows the app no channel ${place(p)}. Check its name, or press Find; if it is private, invite the app there: /invite ${bot(p)}`,
  slack_is_archived: (p: Params) => `${place(p)} is archived. Unarchive it in Slack, or choose another channel.`,
  slack_invalid_auth: () => 'Slack does not accept the token. Copy the Bot User OAuth Token (xoxb-…) again from your app’s page, OAuth & Permissions.',
  slack_not_authed: () => 'No token reached Slack. Set the bot token again; if that does not help, a proxy takes it away.',
  slack_token_revoked: () => 'The token was revoked. Install the app in the workspace again and set its new token.',
  slack_token_expired: () => 'The token has expired. Set a new one; without token rotation in the app’s settings it lasts.',
  slack_account_inactive: () => 'The app was removed from the workspace, or its account was deactivated. Install it again and set its new token.',
  slack_missing_scope: (p: Params) => `The app lacks the scope ${p.needed ?? 'chat:write'}. Add it on your app’s page under OAuth & Permissions, install the app again and set its new token.`,
  slack_restricted_action: (p: Params) => `The workspace does not let the app post in ${place(p)}. Ask its administrators, or choose another channel.`,
  slack_ekm_access_denied: () => 'The administrators of the workspace have suspended access to its keys (EKM), so nobody can post. Ask them.',
  slack_rate_limited: () => 'Slack asks for fewer messages. Tocsin waits as long as it says and goes on then; nothing is lost.',
  slack_busy: (p: Params) => `Slack could not take the message${p.error ? ` (${p.error})` : ''}. It is sent again by itself.`,
  slack_message_refused: (p: Params) => refusedMessage('Slack', p.error ?? p.reply),
  ...ofService('slack', 'Slack'),

  // Telegram
  telegram_no_token: () => 'Telegram has no bot token. Get one from @BotFather and set it in Settings, Channels.',
  telegram_no_chat: () => 'No chat is chosen. Write to the bot, or add it to a group, then press Find in Settings, Channels.',
  telegram_chat_invalid: (p: Params) => `${p.chat ? quote(p.chat) : 'This'} is neither a chat’s number such as -1001234567890 nor a name such as @alerts.`,
  telegram_token_invalid: () => 'This is no token of a bot: one looks like 123456:ABC-DEF. Copy it again from @BotFather.',
  telegram_bad_token: () => 'Telegram does not know the token. Copy it again from @BotFather, or ask it for a new one (/revoke).',
  telegram_asked_elsewhere: () => 'Another program asks Telegram for this bot’s chats at the same moment. Stop it for a minute, or enter the chat’s number by hand.',
  telegram_chat_not_found: (p: Params) => `The bot finds ${p.chat ? `no chat ${p.chat}` : 'no such chat'}. Open the chat with the bot and press Start, or add it to the group; then press Find in Settings, Channels.`,
  telegram_blocked: () => 'The bot was blocked in this chat. Open the chat with it in Telegram and press Start or Unblock.',
  telegram_not_started: () => 'A bot may not write first. Open the chat with it in Telegram and press Start.',
  telegram_kicked: (p: Params) => `The bot was removed from ${chat(p)}. Add it there again.`,
  telegram_forbidden: (p: Params) => `Telegram does not let the bot write to ${chat(p)}.${said(p)}`,
  telegram_no_rights: (p: Params) => `The bot may not write in ${chat(p)}. Allow it to post there; in a channel it must be an administrator.`,
  telegram_webhook_set: () => 'Another program has set a webhook for this bot, so it cannot be asked for its chats. Enter the chat’s number by hand.',
  telegram_rate_limited: () => 'Telegram asks for fewer messages. Tocsin waits as long as it says and goes on then; nothing is lost.',
  telegram_chat_moved: (p: Params) => `The Telegram group became a supergroup with another number${p.chat ? `, ${p.chat}` : ''}. Tocsin took it over; there is nothing to do.`,
  telegram_chat_moved_by_environment: (p: Params) => `The chat of ${named(p)} became a supergroup and has another number now${p.chat ? `: ${p.chat}` : ''}. Set it where the old one is set; Tocsin could not.`,
  telegram_message_refused: (p: Params) => refusedMessage('Telegram', p.reply),
  ...ofService('telegram', 'Telegram'),

  // E-mail
  email_no_recipients: () => 'E-mail has no recipients. Name at least one in Settings, Channels.',
  email_no_sender: () => 'E-mail has no sender. Name the sender’s address in Settings, Channels; where the user is an address, that is taken.',
  email_no_password: (p: Params) => `The password${p.user ? ` of ${p.user}` : ''} is not set. Set it in Settings, Channels.`,
  email_address_invalid: (p: Params) => `${p.address ? quote(p.address) : 'This'} is no e-mail address.`,
  smtp_auth_failed: (p: Params) => `${host(p)} refused the user name or password${p.user ? ` of ${p.user}` : ''}. Check both in Settings, Channels.${said(p)}`,
  smtp_auth_required: (p: Params) => `${host(p)} takes mail only after log-in. Set user and password in Settings, Channels.${said(p)}`,
  smtp_basic_auth_off: (p: Params) => `${host(p)} has switched log-in with a password off. Ask its administrator for a relay or another account.${said(p)}`,
  smtp_no_auth: (p: Params) => `${host(p)} offers no way to log in with a password${p.port ? ` on port ${p.port}` : ''}. Check the port and the encryption.`,
  smtp_plain_auth_refused: (p: Params) => `The connection to ${p.host ?? 'the server'} is not encrypted, so the password was not sent. Choose STARTTLS, or allow it for this server.`,
  smtp_no_starttls: (p: Params) => `${host(p)} does not offer STARTTLS${p.port ? ` on port ${p.port}` : ''}, so nothing was sent. If it encrypts from the start (port 465), choose that.`,
  smtp_certificate: (p: Params) => `The certificate of ${p.host ?? 'the server'} is not trusted${because(p)}. Nothing was sent. If the server is yours, name its CA file.`,
  smtp_ca_file: (p: Params) => `The certificate file ${p.file ?? ''} cannot be used${because(p)}. Choose another in Settings, Channels.`.replace('  ', ' '),
  smtp_sender_refused: (p: Params) => `${host(p)} refused the sender’s address. Choose one that belongs to this account.${said(p)}`,
  smtp_recipient_refused: (p: Params) => `${host(p)} refused ${p.recipient ?? 'a recipient'}. Check the address in Settings, Channels.${said(p)}`,
  smtp_busy: (p: Params) => `${host(p)} cannot take the message now. It is sent again by itself.${said(p)}`,
  smtp_unknown: (p: Params) => `The connection to ${p.host ?? 'the server'} ended before it said whether it took the message, so nobody knows whether it arrived. Look there, then resend it or give it up.`,
  smtp_refused: (p: Params) => `${host(p)} refused what Tocsin sent. Ask its administrator.${said(p)}`,
  smtp_unreachable: (p: Params) => `${host(p)} cannot be reached${p.port ? ` on port ${p.port}` : ''}${because(p)}. Check the server’s name and port; it is tried again by itself.`,
  smtp_app_password: (p: Params) => `${host(p)} refused the password. Google wants an app password here: Google account, Security, App passwords.${said(p)}`,

  // Desktop
  desktop_no_server: (p: Params) => `This desktop shows no notifications to Tocsin${because(p)}. The bell above lists them all the same.`,
  desktop_no_answer: () => 'The desktop’s notification service did not answer. It is tried again by itself; the bell above lists everything.',

  // Channels and messages
  channel_stopped: (p: Params) => `${named(p)} stopped: somebody must act before it sends again. Nothing is lost; what is for it waits. Settings, Channels says why.`,
  channel_gone: (p: Params) => `The channel${p.channel ? ` ${p.channel}` : ''} is no longer there, so this was not sent.`,
  channel_unknown: () => 'There is no such channel any more.',
  channel_exists: (p: Params) => `There is a channel ${p.name ? quote(p.name) : 'of this name'} already.`,
  channel_built_in: () => 'This channel is a part of Tocsin. It can be switched off, not removed.',
  channel_name_invalid: (p: Params) => `A channel’s name is one line of 1 to ${p.most ?? '60'} characters.`,
  channel_kind_invalid: () => 'A channel is e-mail, Slack or Telegram. The desktop is there already.',
  channel_lacks_setting: (p: Params) => `${named(p)} has no such setting${p.key ? ` (${p.key})` : ''}.`,
  channel_bad_url: (p: Params) => `The address of ${p.service ?? 'the service'} is no https address. Check it in Settings, Channels; http is for servers in your own network.`,
  channel_address_refused: (p: Params) => `${host(p)} leads into a private network here, so nothing was sent. Check this machine’s DNS settings; a portal or a filter looks the same.`,
  too_many_channels: (p: Params) => `There are at most ${p.most ?? '?'} channels. Remove one first.`,
  message_unrenderable: () => 'Tocsin could not put this message into words. That is its own mistake: please report it. The alerts are in the inbox.',
  places_unsupported: () => 'This channel cannot be asked where messages could go. Enter it by hand.',
  unknown_delivery: () => 'There is no such message any more.',
  delivery_interrupted: () => 'Tocsin ended while this message was being sent, so it may or may not have arrived. Look at the destination, then resend it or give it up.',
  delivery_restored: () => 'It was waiting in the database that was restored, so it may have been sent since. Look at the destination, then resend it or give it up.',
  delivery_expired: () => 'It waited for so long that nobody wants it as a message any more. Its alerts are in the inbox.',
  delivery_not_open: () => 'This message is not open any more.',

  // Rules, times and secrets
  rule_unknown: () => 'There is no such rule any more.',
  rule_exists: (p: Params) => `There is a rule ${p.name ? quote(p.name) : 'of this name'} already.`,
  rule_query_invalid: (p: Params) => `The rule ${quote(p.name ?? p.rule ?? '')} is not asked, because its query cannot be read. Mend it in Settings, Routing.`,
  rule_name_invalid: (p: Params) => `A rule’s name is one line of 1 to ${p.most ?? '60'} characters.`,
  too_many_rules: (p: Params) => `There are at most ${p.most ?? '?'} rules. Remove one first.`,
  routing_times_invalid: (p: Params) => `${p.what ?? 'Some times'} cannot be read; what could not is left out. Times are written 08:00, zones Europe/Berlin.`,
  rule_channel_unknown: (p: Params) => `The rule ${p.rule ?? p.name ?? ''} names a channel that is not there${p.channel ? `: ${p.channel}` : ''}. Change it in Settings, Routing.`.replace('  ', ' '),
  rule_watch_unknown: (p: Params) => `The rule ${p.rule ?? p.name ?? ''} names a watch that is not there${p.term ? `: ${p.term}` : ''}. Change it in Settings, Routing.`.replace('  ', ' '),
  rule_without_changes: () => 'A rule needs at least one change that it waits for.',
  rule_without_channels: () => 'A rule needs at least one channel that it sends to.',
  time_invalid: (p: Params) => `${p.time ? quote(p.time) : 'This'} is no time of day. One is written 08:00.`,
  day_invalid: (p: Params) => `${p.day ? quote(p.day) : 'This'} is no day of the week.`,
  digest_without_time: (p: Params) => `A digest goes out at 1 to ${p.most ?? '?'} times of day.`,
  backtest_superseded: () => 'Another rule was tried meanwhile. Change something to look again.',
  zone_unknown: (p: Params) => `${p.zone ? quote(p.zone) : 'This'} is no time zone. One is written Europe/Berlin.`,
  keyring_locked: () => 'The keyring is locked, or has no place for passwords. Unlock it, then set the secret again.',
  keyring_silent: () => 'The keyring does not answer. It may wait for its password in another window.',
  keyring_off: () => 'The keyring is switched off (TOCSIN_KEYRING).',
  keyring_none: () => 'This session has no keyring that Tocsin can use.',
  keyring_failed: (p: Params) => `The keyring failed${because(p)}.`,
} satisfies Record<string, (params: Params) => string>;
