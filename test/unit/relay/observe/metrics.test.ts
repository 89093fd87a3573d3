import { expect, test } from 'vitest';
import { Metrics } from '../../../../relay/observe/metrics.js';

test('metrics show what was counted, and read gauges at each scrape', async () => {
  const metrics = new Metrics({ version: '1.2.3' });
  let bridges = [{ id: 'b1', isReady: true, outstanding: 3, parked: 4, forked: 12, started: 9 }];
  metrics.watch({
    bridges: () => bridges,
    connections: () => ({ websocket: 2 }),
    sessions: () => 5,
    orphans: () => 6,
    executions: () => 7,
    queuedBytes: () => 8,
    cache: () => ({ memoryBytes: 11 }),
    upkeep: () => ({ sweeps: 13, expired: 14, orphans: 15 }),
  });
  metrics.executed('session', 'ok', 0.004);
  metrics.firstResult(0.002);
  metrics.answered('/healthz', 200, 0.0001);
  metrics.received(10);
  metrics.sent(20);
  metrics.refused('sessions');
  metrics.lookedUp('memory', 'hit');
  const text = await metrics.text();
  for (const line of [
    /^sage_embed_build_info\{version="1\.2\.3",node="[\d.]+"\} 1$/m,
    /^sage_embed_execution_seconds_bucket\{le="0\.005",kind="session"\} 1$/m,
    /^sage_embed_executions_total\{kind="session",status="ok"\} 1$/m,
    /^sage_embed_first_result_seconds_count 1$/m,
    /^sage_embed_http_request_seconds_count\{route="\/healthz",status="2xx"\} 1$/m,
    /^sage_embed_bytes_total\{direction="in"\} 10$/m,
    /^sage_embed_bytes_total\{direction="out"\} 20$/m,
    /^sage_embed_refusals_total\{reason="sessions"\} 1$/m,
    /^sage_embed_refusals_total\{reason="origin"\} 0$/m,
    /^sage_embed_cache_lookups_total\{layer="memory",outcome="hit"\} 1$/m,
    /^sage_embed_cache_memory_bytes 11$/m,
    /^sage_embed_store_sweeps_total 13$/m,
    /^sage_embed_store_expired_total 14$/m,
    /^sage_embed_store_orphans_total 15$/m,
    /^sage_embed_bridge_ready\{bridge="b1"\} 1$/m,
    /^sage_embed_bridge_outstanding\{bridge="b1"\} 3$/m,
    /^sage_embed_bridge_parked\{bridge="b1"\} 4$/m,
    /^sage_embed_bridge_forks_total\{bridge="b1"\} 12$/m,
    /^sage_embed_bridge_sessions_total\{bridge="b1"\} 9$/m,
    /^sage_embed_connections\{transport="websocket"\} 2$/m,
    /^sage_embed_sessions 5$/m,
    /^sage_embed_orphaned_sessions 6$/m,
    /^sage_embed_executions_pending 7$/m,
    /^sage_embed_queued_bytes 8$/m,
    /^nodejs_eventloop_lag_p99_seconds /m,
  ]) {
    expect(text).toMatch(line);
  }
  // Graphs take what only grows for a counter by its type, people by its name.
  for (const [, name, type] of text.matchAll(/^# TYPE (sage_embed_\w+) (\w+)$/gm)) {
    expect([name, type === 'counter']).toEqual([name, name!.endsWith('_total')]);
  }
  const again = await metrics.text();
  expect(again).toContain('sage_embed_bridge_forks_total{bridge="b1"} 12');
  bridges = [];
  expect(await metrics.text()).not.toContain('bridge="b1"');
});

test('each relay has metrics of its own', async () => {
  const one = new Metrics({ version: '1' });
  const other = new Metrics({ version: '1' });
  one.received(1);
  expect(await one.text()).toContain('direction="in"} 1');
  expect(await other.text()).not.toContain('direction="in"} 1');
});
