import { caresRules } from './c-ares/c-ares.ts';
import type { ResolverDescription } from './description.ts';
import { digRules } from './dig.ts';
import { glibcRules } from './glibc/process.ts';
import { goRules } from './go/go.ts';
import { muslRules } from './musl/musl.ts';
import { nettyRules } from './netty/netty.ts';
import { caresRelease, glibcRelease, goRelease } from './releases.ts';
import type { ResolvConfRules } from './resolv-conf.ts';

/** How a resolver reads resolv.conf. */
export function resolvConfRules({ kind, release }: Pick<ResolverDescription, 'kind' | 'release'>): ResolvConfRules {
  switch (kind) {
    case 'glibc':
      return glibcRules(glibcRelease(release));
    case 'musl':
    case 'busybox-nslookup':
      return muslRules;
    case 'go':
      return goRules(goRelease(release));
    case 'c-ares':
      return caresRules(caresRelease(release));
    case 'netty':
      return nettyRules;
    case 'dig':
    case 'nslookup':
    case 'host':
      return digRules;
  }
}
