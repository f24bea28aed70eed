// What can be wrong with ADB.

import { defineAnomalies } from '../../record/index.ts';

export const adbAnomalies = defineAnomalies('adb', {
  too_many_streams: 'More streams are open than max_streams; the contents of further ones are not read.',
});
