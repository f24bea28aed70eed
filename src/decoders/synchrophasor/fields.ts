// What synchrophasors add to their session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const synchrophasorFields = {
  station: collected('keyword', 'synchrophasor.station', 'Names of stations that configurations list.', {
    path: 'synchrophasor.station',
  }),
  rate: collected('long', 'synchrophasor.data_rate', 'Frames a second; negative: seconds a frame.', {
    path: 'synchrophasor.dataRate',
  }),
  unitCount: collected('long', 'synchrophasor.pmu_count', 'Measurement units that configurations list.', {
    path: 'synchrophasor.numPMU',
  }),
  type: collected('keyword', 'synchrophasor.frame_type', 'Types of frames: data, header, cfg1, cfg2, command, cfg3.', {
    path: 'synchrophasor.frameType',
    kind: 'lotermfield',
  }),
  stream: collected('long', 'synchrophasor.id_code', 'Identifiers of data streams.', {
    path: 'synchrophasor.idcode',
  }),
  command: collected('long', 'synchrophasor.command', 'Commands: 1 data off, 2 data on, 3 header, 4 cfg1, 5 cfg2, 6 cfg3.', {
    path: 'synchrophasor.cmd',
  }),
} as const satisfies Record<string, SessionField>;
