import { describe, expect, test } from 'vitest';
import type { Problem } from '../../problem/problem.ts';
import { scenarioSchema } from '../schema/scenario.ts';
import { checkNodeCacheCorefile } from './node-local-dns.ts';

/** What public charts and distributions put into the node-local-dns ConfigMap, restated from their sources. */
const corefiles: Readonly<
  Record<string, { readonly release: string; readonly addresses: string; readonly text: string }>
> = {
  'the addon of Kubernetes': {
    release: '1.26.4',
    addresses: '169.254.20.10, 10.96.0.10',
    text: `__PILLAR__DNS__DOMAIN__:53 {
    errors
    cache {
            success 9984 30
            denial 9984 5
    }
    reload
    loop
    bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__
    forward . __PILLAR__CLUSTER__DNS__ {
            force_tcp
    }
    prometheus :9253
    health __PILLAR__LOCAL__DNS__:8080
    }
.:53 {
    errors
    cache 30
    reload
    loop
    bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__
    forward . __PILLAR__UPSTREAM__SERVERS__
    prometheus :9253
    }
`,
  },
  // roles/kubernetes-apps/ansible/templates/nodelocaldns-config.yml.j2: no placeholders, a health port of its own.
  kubespray: {
    release: '1.25.0',
    addresses: '169.254.25.10',
    text: `cluster.local:53 {
    errors
    cache {
        success 9984 30
        denial 9984 5
    }
    reload
    loop
    bind 169.254.25.10
    forward . 10.233.0.3 {
        force_tcp
    }
    prometheus :9253
    health 169.254.25.10:9254
}
.:53 {
    errors
    cache 30
    reload
    loop
    bind 169.254.25.10
    forward . /etc/resolv.conf
    prometheus :9253
}
`,
  },
  // Connections to kube-dns are given up after 1 s; other names go to the metadata server (facts: GKE).
  GKE: {
    release: '1.23.0',
    addresses: '169.254.20.10, 10.96.0.10',
    text: `cluster.local:53 {
    errors
    template ANY ANY local {
        rcode NXDOMAIN
    }
    cache {
        success 9984 30
        denial 9984 5
    }
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    health 169.254.20.10:8080
    forward . __PILLAR__CLUSTER__DNS__ {
        force_tcp
        expire 1s
    }
    prometheus :9253
}
.:53 {
    errors
    cache 30
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    forward . 169.254.169.254 {
        force_tcp
    }
    prometheus :9253
}
`,
  },
  // With Cilium's LocalRedirectPolicy the cache is a pod: it listens everywhere.
  'RKE2 with Cilium': {
    release: '1.26.7',
    addresses: '169.254.20.10',
    text: `cluster.local:53 {
    errors
    cache {
        success 9984 30
        denial 9984 5
    }
    reload
    loop
    bind 0.0.0.0
    forward . __PILLAR__CLUSTER__DNS__ {
        force_tcp
    }
    prometheus :9253
    health
}
.:53 {
    errors
    cache 30
    reload
    loop
    bind 0.0.0.0
    forward . __PILLAR__UPSTREAM__SERVERS__
    prometheus :9253
}
`,
  },
};

function messages(release: string, addresses: string, text: string): string[] {
  const file = scenarioSchema.parse({
    title: 'a node with its own cache',
    duration: '1m',
    cluster: {
      nodes: { 'node-1': { address: '192.168.1.200' } },
      coredns: { corefile: './Corefile' },
      nodeLocalDNS: { release, addresses: addresses.split(', ') },
    },
    pods: {},
    workloads: {},
  });
  const problems: Problem[] = [];
  const files = { '/etc/resolv.conf': 'nameserver 192.168.1.2\n' };
  checkNodeCacheCorefile({ file: 'Corefile', text }, file, {}, files, [], problems);
  return problems.map(({ line, message }) => `${line}: ${message}`);
}

describe('Corefiles of NodeLocal DNSCache as they are shipped', () => {
  test.each(Object.entries(corefiles))('%s', (_, { release, addresses, text }) => {
    expect(messages(release, addresses, text)).toEqual([]);
  });
});

describe('Corefiles that node-cache refuses', () => {
  const block = (lines: string) => messages('1.22.20', '169.254.20.10', `.:53 {\n${lines}\n}\n`);

  test.each([
    ['autopath @kubernetes', "2: no action found for directive 'autopath' with server type 'dns' (missing a plugin?)"],
    ['ready', "2: no action found for directive 'ready' with server type 'dns' (missing a plugin?)"],
    [
      'bind 169.254.25.10',
      '2: nobody adds 169.254.25.10 to the node, so that node-cache ends as soon as it starts: its addresses (-localip) are 169.254.20.10',
    ],
    ['nonsense', "2: Unknown directive 'nonsense'"],
    ['forward . __PILLAR__OTHER__', '2: plugin/forward: not an IP address or file: "__PILLAR__OTHER__"'],
  ])('%s', (line, problem) => {
    expect(block(line)).toEqual([problem]);
  });

  test('a directive that only a later release was built with', () => {
    const template = '.:53 {\nbufsize 1232\n}\n';
    expect(messages('1.22.6', '169.254.20.10', template)).toEqual([
      "2: no action found for directive 'bufsize' with server type 'dns' (missing a plugin?)",
    ]);
    expect(messages('1.22.7', '169.254.20.10', template)).toEqual([]);
  });
});
