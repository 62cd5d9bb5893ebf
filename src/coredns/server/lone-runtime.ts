import { SocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { Metrics } from '../metrics.ts';
import type { Runtime } from './instance.ts';

/** Of a host without a network. */
export const noSockets: Sockets = {
  host: '',
  udp: () => new SocketError('EINVAL'),
  listen: () => new SocketError('EINVAL'),
  connect: () => {
    throw new Error('a connection was wanted where there is no network');
  },
  owns: () => true,
  sourceFor: () => undefined,
  closeSockets: () => {},
};

/** What an instance of CoreDNS runs in with no process, no network and no cluster around it, but for what is given. */
export function loneRuntime(
  own: Pick<Runtime, 'simulation' | 'release' | 'owner' | 'files'> & Partial<Runtime>,
): Runtime {
  const { simulation } = own;
  return {
    sockets: noSockets,
    environment: {},
    port: 53,
    cluster: undefined,
    metrics: new Metrics(),
    supervision: {
      configuration: () => undefined,
      // biome-ignore lint/correctness/useYield: there is no process to restart
      *restart() {
        return undefined;
      },
      uses: () => false,
      spawn: (process) => simulation.spawn(process),
    },
    log: () => {},
    fatal: () => {},
    serveHttp: () => ({ close: () => {} }),
    ...own,
  };
}
