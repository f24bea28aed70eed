// What the NetBIOS name service adds to its session's record.

import { collected } from '../session-field.ts';

export const nbnsFields = {
  name: collected('keyword', 'nbns.name', 'All names, without the kind of name behind them.', { path: 'nbns.name' }),
  queryType: collected('keyword', 'nbns.query_type', 'Types asked for: NB, NBSTAT.', { path: 'nbns.queryType' }),
  queryHost: collected('keyword', 'nbns.query_host', 'Names asked for.', { path: 'nbns.queryHost' }),
  host: collected('keyword', 'nbns.host', 'Names registered, released or answered with addresses.', { path: 'nbns.host' }),
  ip: collected('ip', 'nbns.ip', 'Addresses of the nodes that have the names.', { path: 'nbns.ip' }),
};
