import { type Process, type Task, timedOut } from '../engine/process.ts';
import { isSocketError, type TcpConnection } from '../kernel/socket/socket.ts';
import type { Payload } from '../network/packet.ts';
import type { ServerSite } from '../transport/serve.ts';
import type { Condition, Service } from './service.ts';

/** The answer to every request. */
const reply: Payload = { size: 64 };

type Close = () => void;

/** A server that is none of DNS, such as a database or a collector of logs: answers over TCP, takes what comes over UDP. */
export function startBackend(site: ServerSite, protocol: 'tcp' | 'udp'): Service {
  let mode: Condition['mode'] = 'answer';
  let close: Close | undefined;

  const collect = () => {
    const socket = site.sockets.udp({ owner: site.owner, bind: site.local });
    return isSocketError(socket) ? undefined : () => socket.close();
  };
  const open = () => {
    close = protocol === 'tcp' ? serve(site, () => mode === 'answer') : collect();
  };
  open();

  return {
    set(change) {
      mode = change.mode ?? mode;
      if (mode === 'answer' || mode === 'drop') {
        if (close === undefined) open();
        return;
      }
      close?.();
      close = undefined;
    },
    stop: () => close?.(),
  };
}

/** Takes connections; undefined: the port is not free. */
function serve({ simulation, sockets, local, owner }: ServerSite, answers: () => boolean): Close | undefined {
  const listener = sockets.listen(local, owner);
  if (isSocketError(listener)) return undefined;
  const connections = new Map<TcpConnection, Task>();
  const answer = function* (connection: TcpConnection): Process {
    for (;;) {
      const request = yield* connection.receive(Number.POSITIVE_INFINITY);
      if (request === timedOut || isSocketError(request) || 'end' in request) break;
      if (answers()) connection.send(reply, request.trace);
    }
    connection.close();
    connections.delete(connection);
  };
  const loop = simulation.spawn(
    (function* (): Process {
      for (;;) {
        const connection = yield* listener.accept(Number.POSITIVE_INFINITY);
        if (connection !== timedOut) connections.set(connection, simulation.spawn(answer(connection)));
      }
    })(),
  );
  return () => {
    loop.kill();
    listener.close();
    for (const [connection, task] of connections) {
      task.kill();
      connection.abort();
    }
  };
}
