// Wordings of fault codes, in English. A code without one is shown by the backend's own sentence, so only
// those stand here that the interface can say better: because it knows where the remedy is.
type Params = Record<string, string>;

export const enFaults = {
  server_unreachable: () => 'Tocsin does not answer. Is it still running?',
  token_refused: () => 'This address has no valid token. Open the one that Tocsin printed when it started.',
  server_error: (p: Params) => `Tocsin answered with HTTP ${p.status ?? '?'}.`,
  list_closed: () => 'The list was closed. It is opened again.',
  unknown_alert: () => 'This alert is no longer stored.',
} satisfies Record<string, (params: Params) => string>;
