// The level that a severity is shown as: what has none is unscored.
import type { Severity } from '$lib/ipc/generated';

export const levelOf = (severity: Severity | null): Severity | 'unscored' => severity ?? 'unscored';
