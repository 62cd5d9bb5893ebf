import type { SetUp } from '../plugin.ts';
import { setUpAcl } from './acl/acl.ts';
import { setUpAny } from './any/any.ts';
import { setUpAutopath } from './autopath/autopath.ts';
import { setUpBind } from './bind/bind.ts';
import { setUpBufsize } from './bufsize/bufsize.ts';
import { setUpCache } from './cache/setup.ts';
import { setUpCancel } from './cancel/cancel.ts';
import { setUpChaos } from './chaos/chaos.ts';
import { setUpDebug } from './debug/debug.ts';
import { setUpDns64 } from './dns64/dns64.ts';
import { setUpErratic } from './erratic/erratic.ts';
import { setUpErrors } from './errors/errors.ts';
import { setUpFile } from './file/file.ts';
import { setUpForward } from './forward/setup.ts';
import { setUpHeader } from './header/header.ts';
import { setUpHealth } from './health/health.ts';
import { setUpHosts } from './hosts/hosts.ts';
import { setUpKubernetes } from './kubernetes/kubernetes.ts';
import { setUpLoadbalance } from './loadbalance/loadbalance.ts';
import { setUpLocal } from './local/local.ts';
import { setUpLog } from './log/log.ts';
import { setUpLoop } from './loop/loop.ts';
import { setUpMetadata } from './metadata/metadata.ts';
import { setUpMinimal } from './minimal/minimal.ts';
import { setUpMultisocket } from './multisocket/multisocket.ts';
import { setUpNsid } from './nsid/nsid.ts';
import { setUpPprof } from './pprof/pprof.ts';
import { setUpPrometheus } from './prometheus/prometheus.ts';
import { setUpReady } from './ready/ready.ts';
import { setUpReload } from './reload/reload.ts';
import { setUpRewrite } from './rewrite/rewrite.ts';
import { setUpRoot } from './root/root.ts';
import { setUpTemplate } from './template/template.ts';
import { setUpTimeouts } from './timeouts/timeouts.ts';
import { setUpView } from './view/view.ts';
import { setUpWhoami } from './whoami/whoami.ts';

/** How a directive is treated. `inert`: known, and without influence on the way of a query. */
export type KnownPlugin =
  | { readonly kind: 'modelled'; readonly setUp: SetUp }
  | { readonly kind: 'inert' }
  | { readonly kind: 'not-modelled' }
  | { readonly kind: 'not-built-in' };

const modelled: ReadonlyMap<string, SetUp> = new Map<string, SetUp>([
  ['acl', setUpAcl],
  ['any', setUpAny],
  ['autopath', setUpAutopath],
  ['bind', setUpBind],
  ['bufsize', setUpBufsize],
  ['cache', setUpCache],
  ['cancel', setUpCancel],
  ['chaos', setUpChaos],
  ['debug', setUpDebug],
  ['dns64', setUpDns64],
  ['erratic', setUpErratic],
  ['errors', setUpErrors],
  ['file', setUpFile],
  ['forward', setUpForward],
  ['header', setUpHeader],
  ['health', setUpHealth],
  ['hosts', setUpHosts],
  ['kubernetes', setUpKubernetes],
  ['loadbalance', setUpLoadbalance],
  ['local', setUpLocal],
  ['log', setUpLog],
  ['loop', setUpLoop],
  ['metadata', setUpMetadata],
  ['minimal', setUpMinimal],
  ['multisocket', setUpMultisocket],
  ['nsid', setUpNsid],
  ['pprof', setUpPprof],
  ['prometheus', setUpPrometheus],
  ['ready', setUpReady],
  ['reload', setUpReload],
  ['rewrite', setUpRewrite],
  ['root', setUpRoot],
  ['template', setUpTemplate],
  ['timeouts', setUpTimeouts],
  ['view', setUpView],
  ['whoami', setUpWhoami],
]);

/** They observe, or take part in nothing that is simulated. */
const inert: readonly string[] = ['trace', 'dnstap', 'quic', 'grpc_server', 'https', 'https3'];
/** In plugin.cfg, but not in the released binaries: corefile-start-federation-removed. */
const notBuiltIn: readonly string[] = ['federation', 'on'];

export function findPlugin(name: string): KnownPlugin {
  const setUp = modelled.get(name);
  if (setUp !== undefined) return { kind: 'modelled', setUp };
  if (inert.includes(name)) return { kind: 'inert' };
  return notBuiltIn.includes(name) ? { kind: 'not-built-in' } : { kind: 'not-modelled' };
}
