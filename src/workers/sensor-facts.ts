// What output plugins may know of the sensor beside their records: its name and the fields of its registry. Made on the main
// thread, for the plugins that ask for it and for `ringtap setup`.

import type { Config } from '../config/index.ts';
import type { SensorFacts } from '../plugin/index.ts';
import type { RecordRegistry } from '../record/index.ts';
import { nodeName } from './encoders.ts';

export function sensorFacts({ arkime }: Config, records: RecordRegistry): SensorFacts {
  return { node: nodeName(arkime), fields: records.document(), noted: records.noted };
}
