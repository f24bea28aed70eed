// What ISAKMP adds to its session's record, besides certificates.

import { collected } from '../session-field.ts';

const clip = (path: string, expression: string): { path: string; expression: string } => ({
  path: `isakmp.${path}`,
  expression: `isakmp.${expression}`,
});

export const isakmpFields = {
  initiatorSpi: collected(
    'keyword',
    'isakmp.initiator_spi',
    'SPIs (cookies) of initiators, hex.',
    clip('initiatorSpi', 'initiator-spi'),
  ),
  responderSpi: collected(
    'keyword',
    'isakmp.responder_spi',
    'SPIs (cookies) of responders, hex.',
    clip('responderSpi', 'responder-spi'),
  ),
  version: collected('keyword', 'isakmp.version', 'Protocol versions, 1.0 or 2.0.', clip('version', 'version')),
  exchangeType: collected('keyword', 'isakmp.exchange_type', 'Kinds of exchanges.', clip('exchangeType', 'exchange-type')),
  vendorId: collected(
    'keyword',
    'isakmp.vendor_id',
    'Vendor ids: names of known ones, hex of the first 16 bytes of others.',
    clip('vendorId', 'vendor-id'),
  ),
  encryption: collected('keyword', 'isakmp.encryption', 'Ciphers proposed and chosen.', clip('encryption', 'encryption')),
  hash: collected('keyword', 'isakmp.hash', 'Hashes (version 1) and pseudo-random functions (2).', clip('hash', 'hash')),
  dhGroup: collected('keyword', 'isakmp.dh_group', 'Groups of the key exchange.', clip('dhGroup', 'dh-group')),
  authMethod: collected('keyword', 'isakmp.auth_method', 'Ways to authenticate (version 1).', clip('authMethod', 'auth-method')),
};
