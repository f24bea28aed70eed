// What a source does with each of its frames, as the config says. For capture workers and sources without one.

import type { CapturePathOptions } from '../capture/index.ts';
import type { CaptureWorkerData } from './protocol.ts';

/** All but the source's filter. */
export function capturePath({
  source,
  fragments,
  session,
  ruleFilters,
  hashVlan,
  hashVni,
}: CaptureWorkerData): CapturePathOptions {
  const marks = [...session.keep_packets.map(({ filter }) => filter), ...ruleFilters];
  return {
    checksums: source.checksums,
    hashVlan,
    hashVni,
    ...(session.identity === 'arkime'
      ? {
          identity: {
            vlan: session.track_vlan,
            vni: session.track_vni,
            collapse: session.same_network.flatMap(({ id, ids }) => ids.map((each) => [each, id])),
            keepCorrupt: session.odd_packets !== 'none',
          },
        }
      : {}),
    ...(marks.length > 0 ? { marks } : {}),
    maxClockJumpMs: source.max_clock_jump_secs * 1000,
    fragmentBytes: fragments.max_bytes,
    fragmentDatagrams: fragments.max_datagrams,
    fragmentTimeoutMs: fragments.timeout_secs * 1000,
  };
}

/** With it. */
export function filteredPath(data: CaptureWorkerData): CapturePathOptions {
  const { filter } = data.source;
  return { ...capturePath(data), ...(filter === '' ? {} : { filter }) };
}
