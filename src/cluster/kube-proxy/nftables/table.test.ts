import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { printNftTable } from '../../../kernel/nftables/print.ts';
import { readyEndpoint } from '../../endpoint.ts';
import type { ServiceDescription } from '../../world.ts';
import type { ProxiedService } from '../proxier.ts';
import { nftablesTable } from './table.ts';

const dns = { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 } as const;
const dnsTcp = { name: 'dns-tcp', protocol: 'tcp', port: 53, targetPort: 53 } as const;
const metrics = { name: 'metrics', protocol: 'tcp', port: 9153, targetPort: 9153 } as const;

function service(
  name: string,
  address: string,
  ports: ServiceDescription['ports'],
  endpoints: string[],
  more: Partial<ProxiedService> = {},
): ProxiedService {
  return {
    name,
    address,
    ports,
    endpoints: endpoints.map((one) => readyEndpoint(one, 'node-2')),
    whenEmpty: 'reject',
    ...more,
  };
}

const site = { node: 'node-1', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', nodeAddress: '192.168.1.201' };

/** Cases of `test/recordings/nftables`: what nft 1.0.6 printed after it had read the same table. */
const cases = {
  'kube-dns': {
    release: '1.35',
    services: [
      service('kube-system/kube-dns', '10.96.0.10', [dns, dnsTcp, metrics], ['10.244.1.5', '10.244.2.7']),
      service(
        'default/kubernetes',
        '10.96.0.1',
        [{ name: 'https', protocol: 'tcp', port: 443, targetPort: 6443 }],
        ['192.168.1.200'],
      ),
    ],
  },
  'no-endpoints': {
    release: '1.33',
    services: [
      service('kube-system/kube-dns', '10.96.0.10', [dns, dnsTcp], []),
      service('shop/local', '10.100.3.4', [dns], ['10.244.2.9'], { internalTrafficPolicy: 'Local' }),
      service('shop/headless', 'None', [dns], ['10.244.2.10']),
    ],
  },
  affinity: {
    release: '1.35',
    services: [
      service('kube-system/kube-dns', '10.96.0.10', [dns], ['10.244.1.5', '10.244.2.7', '10.244.3.8'], {
        sessionAffinity: 10_800,
      }),
      service('shop/sticky', '10.96.1.10', [dnsTcp], ['10.244.1.6'], { sessionAffinity: 90 }),
    ],
  },
  ipv6: {
    release: '1.35',
    podCidr: 'fd00:10:244::/56',
    serviceCidr: 'fd00:10:96::/112',
    nodeAddress: '2001:db8::201',
    services: [
      service('kube-system/kube-dns', 'fd00:10:96::a', [dns, dnsTcp], ['fd00:10:244:1::5', 'fd00:10:244:2::7'], {
        sessionAffinity: 10_800,
      }),
      service('shop/empty', 'fd00:10:96::1b', [dnsTcp], []),
    ],
  },
} as const satisfies Record<string, Partial<typeof site> & { release: string; services: readonly ProxiedService[] }>;

const directory = new URL('../../../../test/recordings/nftables/', import.meta.url);

test.each(Object.entries(cases))('the table as nft prints it: %s', (name, { release, services, ...own }) => {
  const printed = printNftTable(nftablesTable(services, { ...site, ...own, release })).join('\n');
  expect(`${printed}\n`).toBe(readFileSync(new URL(`${name}.nft`, directory), 'utf8'));
});
