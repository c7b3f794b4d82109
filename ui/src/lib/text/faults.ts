// What a fault says: the catalogue's wording for its code, else the backend's English sentence.
import type { Fault } from '$lib/ipc/generated';
import { t } from './index';

export function faultText(fault: Fault): string {
  const wordings: Record<string, ((params: Record<string, string>) => string) | undefined> = t.faults;
  const text = Object.hasOwn(wordings, fault.code) ? wordings[fault.code]?.(fault.params ?? {}) : undefined;
  return text ?? fault.message ?? fault.code;
}
