// What EtherNet/IP and CIP add to their session's record.

import type { SessionField } from '../../record/index.ts';
import { collected, onlyArkime } from '../session-field.ts';

const text = (name: string, meaning: string, path: string, expression = path): SessionField =>
  collected('keyword', `enip.${name}`, meaning, { path: `enip.${path}`, expression: `enip.${expression}` });

export const enipFields = {
  command: text('command', 'Encapsulation commands: ListIdentity, SendRRData, …', 'command'),
  status: collected('long', 'enip.status', 'Encapsulation status, 0 is success.', { path: 'enip.status' }),
  service: text('service', 'CIP services: Get_Attribute_Single, Read_Tag, …; Service-0x… without a name.', 'service'),
  class: text('class', 'CIP classes that services are asked of; Class-0x… without a name.', 'class'),
  vendor: onlyArkime(
    text('vendor', 'Vendors of devices that say who they are, by the names of Arkime; Vendor-N without one.', 'vendor'),
  ),
  vendorNumber: collected('long', 'enip.vendor_id', 'Vendors of devices that say who they are, by their numbers at ODVA.'),
  product: text('product', 'Names of products.', 'product'),
  deviceType: text('device_type', 'Types of devices: DeviceType-0x000c, …', 'deviceType', 'device-type'),
} as const satisfies Record<string, SessionField>;
