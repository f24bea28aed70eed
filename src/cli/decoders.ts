// `ringtap decoders`: the protocol decoders of this build.

import { decoderDefinitions } from '../decoders/index.ts';
import { printListing } from './table.ts';

export async function decodersCommand(options: { readonly json?: boolean }): Promise<number> {
  const decoders = decoderDefinitions.map(({ name, title, transports, ports, records, sessionFields, anomalies }) => ({
    name,
    title,
    transports,
    ports,
    records: records.map((record) => record.name),
    session_fields: sessionFields.map((field) => field.name),
    anomalies: anomalies.map((anomaly) => anomaly.name),
  }));
  printListing(options.json, decoders, () => [
    ['NAME', 'TRANSPORTS', 'PORTS', 'RECORDS', 'TITLE'],
    ...decoders.map(({ name, transports, ports, records, title }) => [
      name,
      transports.join(','),
      ports.join(','),
      records.join(','),
      title,
    ]),
  ]);
  return 0;
}
