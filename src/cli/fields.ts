// `ringtap fields`: every field of every record type, and the anomalies.

import { decoderDefinitions } from '../decoders/index.ts';
import { RecordRegistry } from '../record/index.ts';
import { tcpAnomalies } from '../session/index.ts';
import { printListing } from './table.ts';

export async function fieldsCommand(options: { readonly json?: boolean }): Promise<number> {
  const registry = new RecordRegistry(decoderDefinitions, Object.values(tcpAnomalies));
  const fields = registry.document();
  const { anomalies } = registry;
  printListing(options.json, { fields, anomalies }, () => [
    ['FIELD', 'TYPE', 'RECORDS', 'MEANING'],
    ...fields.map(({ name, type, many, records, meaning }) => [
      name,
      many ? `${type}[]` : type,
      records.length === registry.types.length ? 'all' : records.join(','),
      meaning,
    ]),
    [],
    ['ANOMALY', '', '', 'MEANING'],
    ...anomalies.map(({ name, meaning }) => [name, '', '', meaning]),
  ]);
  return 0;
}
