import type { ClashRule } from '../releases.ts';
import type { Connection } from './connection.ts';
import type { Found } from './table.ts';

/** `adopt`: the packet goes on as one of the faster flow's. `reply-only`: its flow is entered for the answers alone. */
export type Resolution = 'adopt' | 'reply-only' | 'drop';

/**
 * What becomes of a first packet whose flow cannot be entered (nf_ct_resolve_clash). `same`, `answers`: the entries that
 * already have its original and its reply tuple. Only a packet of the very same UDP flow can be saved.
 */
export function resolveClash(
  rule: ClashRule,
  { original, destinationDecided, sourceDecided }: Connection,
  same: Found | undefined,
  answers: Found | undefined,
): Resolution {
  if (original.protocol !== 'udp' || same === undefined || same.reply) return 'drop';
  const sameTranslation = answers?.slot === same.slot;
  switch (rule) {
    case 'drop':
      return 'drop';
    case 'adopt':
      return 'adopt';
    case 'adopt-without-nat':
      return destinationDecided || sourceDecided ? 'drop' : 'adopt';
    case 'adopt-same':
      return sameTranslation ? 'adopt' : 'drop';
    case 'adopt-or-reply-only':
      if (sameTranslation) return 'adopt';
      return answers === undefined ? 'reply-only' : 'drop';
  }
}
