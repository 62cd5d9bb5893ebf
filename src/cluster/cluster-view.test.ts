import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { ApiServer } from './api-server.ts';
import { clusterView } from './cluster-view.ts';
import { watchRules } from './retries.ts';

const pod = { namespace: 'shop', deployment: '', node: 'node-1', revision: 0, ready: true };

const inCluster = { namespaces: ['shop'], nodes: [{ name: 'node-1', address: '192.168.1.200' }] };

function viewLab() {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const api = new ApiServer(simulation, []);
  const viewOf = (process: string) => {
    const view = clusterView(api.watch(process, watchRules('1.29')), inCluster, () => simulation.now);
    return { view, namesAt: (address: string) => view.podsAt(address).map(({ name }) => name) };
  };
  return { simulation, api, ...viewOf('coredns-1'), viewOf };
}

test('a pod is known by the address that it has', () => {
  const { api, view, namesAt } = viewLab();
  api.pods.add({ ...pod, name: 'app', address: '' });
  expect(namesAt('')).toEqual([]);
  api.pods.change('app', { address: '10.244.0.5' });
  expect(namesAt('10.244.0.5')).toEqual(['app']);
  api.pods.add({ ...pod, name: 'on-node', address: '192.168.1.1' });
  api.pods.add({ ...pod, name: 'on-node-too', address: '192.168.1.1' });
  api.pods.change('app', { address: '10.244.0.6' });
  api.pods.remove('on-node');
  expect(['10.244.0.5', '10.244.0.6', '192.168.1.1'].map(namesAt)).toEqual([[], ['app'], ['on-node-too']]);
  expect(view.namespaces()).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system', 'shop']);
});

// plugin/kubernetes/object/pod.go ToPod and informer.go DefaultProcessor@1.14.
test('a pod that is being deleted: kept by who knew it, passed over by who lists', () => {
  const { simulation, api, namesAt, viewOf } = viewLab();
  api.pods.add({ ...pod, name: 'app', address: '10.244.0.5' });
  simulation.run(10);
  api.pods.change('app', { deletedAt: simulation.now });
  const other = viewOf('coredns-2');
  simulation.spawn(other.view.sync());
  simulation.run(20);
  expect(namesAt('10.244.0.5')).toEqual(['app']);
  expect(other.namesAt('10.244.0.5')).toEqual([]);
});

test('who cannot reach the API server knows the pods that it knew', () => {
  const { simulation, api, namesAt } = viewLab();
  api.pods.add({ ...pod, name: 'app', address: '10.244.0.5' });
  api.setAbsence('cut-off-nodes');
  api.pods.change('app', { address: '10.244.0.6' });
  expect(['10.244.0.5', '10.244.0.6'].map(namesAt)).toEqual([['app'], []]);
  api.setAbsence(undefined);
  simulation.run(60_000_000);
  expect(['10.244.0.5', '10.244.0.6'].map(namesAt)).toEqual([[], ['app']]);
});

// kubeadm's DaemonSet kube-proxy has hostNetwork: its pods' podIP is their node's address (PodIndex of plugin/kubernetes).
test('the address of a node is that of its kube-proxy, behind other pods on the node’s network', () => {
  const { api, view, namesAt } = viewLab();
  expect(view.podsAt('192.168.1.200').map(({ namespace }) => namespace)).toEqual(['kube-system']);
  api.pods.add({ ...pod, name: 'on-node', address: '192.168.1.200' });
  expect(namesAt('192.168.1.200')).toEqual(['on-node', 'kube-proxy-node-1']);
});
