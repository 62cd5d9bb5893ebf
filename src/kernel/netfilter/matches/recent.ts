import { second } from '../../../engine/time.ts';
import { bang, flag, negatableFlag, value } from '../options.ts';
import type { RecentLists } from '../recent-lists.ts';
import { parseMask, parseWhole, printMask } from '../values.ts';
import type { MatchModule } from './module.ts';

const actions = ['--set', '--rcheck', '--update', '--remove'] as const;

/** `-m recent`: addresses that were seen not long ago, as kube-proxy's session affinity has them (xt_recent.c). */
export const recent: MatchModule = {
  options: {
    '--set': negatableFlag,
    '--rcheck': negatableFlag,
    '--update': negatableFlag,
    '--remove': negatableFlag,
    '--seconds': value,
    '--hitcount': value,
    '--reap': flag,
    '--rttl': flag,
    '--name': value,
    '--mask': value,
    '--rsource': flag,
    '--rdest': flag,
  },
  read: (options, { family }) => {
    if (!options.needs(...actions)) return undefined;
    const [action, other] = actions.filter((name) => options.has(name));
    if (other !== undefined)
      return options.problem('bad-option', `\`${action}\` and \`${other}\` exclude each other`, '', other);
    const not = options.flag(action ?? '--set')?.not ?? false;
    const seconds = options.value('--seconds', 'a number of seconds from 1', (text) => parseWhole(text) || undefined);
    const hits = options.value('--hitcount', 'a number from 1', (text) => parseWhole(text) || undefined);
    const list = options.value('--name', 'a name of at most 199 letters', parseName)?.value ?? 'DEFAULT';
    const mask =
      options.value('--mask', 'a mask', (text) => parseMask(text, family))?.value ?? (family === 'ipv4' ? 32 : 128);
    const [reap, rttl, byDestination] = [options.has('--reap'), options.has('--rttl'), options.has('--rdest')];
    if (reap && !options.needs('--seconds')) return undefined;
    if (action === undefined) return undefined;
    const words = [
      `${bang({ not })}${action}`,
      ...(seconds === undefined ? [] : [`--seconds ${seconds.value}`]),
      ...(reap ? ['--reap'] : []),
      ...(hits === undefined ? [] : [`--hitcount ${hits.value}`]),
      ...(rttl ? ['--rttl'] : []),
      `--name ${list}`,
      `--mask ${printMask(mask, family)}`,
      byDestination ? '--rdest' : '--rsource',
    ];
    const asked: Asked = { action, not, list, span: (seconds?.value ?? 0) * second, hits: hits?.value ?? 0, reap };
    return {
      words: words.join(' '),
      leavesTraces: true,
      test:
        () =>
        ({ packet }, context) => {
          const whole = byDestination ? packet.destination : packet.source;
          const address = context.recent.part(list, whole, mask);
          const found = context.recent.find(list, address);
          const known = found !== undefined && (!rttl || found.ttl === packet.ttl) ? found : undefined;
          const matches = isSeen(asked, known?.stamps, context.recent, context.now()) !== not;
          if (action === '--remove' && known !== undefined) context.recent.remove(list, address);
          if (action === '--set' || (action === '--update' && known !== undefined && matches))
            context.recent.note(list, address, context.now(), packet.ttl);
          return matches;
        },
    };
  },
};

interface Asked {
  readonly action: (typeof actions)[number];
  readonly not: boolean;
  readonly list: string;
  /** Microseconds; 0: any time. */
  readonly span: number;
  readonly hits: number;
  readonly reap: boolean;
}

function isSeen(
  { action, list, span, hits, reap }: Asked,
  stamps: readonly number[] | undefined,
  lists: RecentLists,
  now: number,
): boolean {
  if (action === '--set') return true;
  if (stamps === undefined) return false;
  if (action === '--remove') return true;
  const within = stamps.filter((stamp) => span === 0 || stamp >= now - span);
  if (reap) lists.reap(list, now - span);
  return within.length >= Math.max(1, hits);
}

function parseName(text: string): string | undefined {
  return /^[^\s"/]{1,199}$/.test(text) ? text : undefined;
}
