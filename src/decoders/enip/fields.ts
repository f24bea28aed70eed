// What a session's record says of EtherNet/IP and CIP.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../collected-field.ts';

const text = (name: string, meaning: string, path: string, expression = path): SessionField =>
  collected('keyword', `enip.${name}`, meaning, { path: `enip.${path}`, expression: `enip.${expression}` });

export const commandField = text('command', 'Encapsulation commands: ListIdentity, SendRRData, …', 'command');
export const statusField = collected('long', 'enip.status', 'Encapsulation status, 0 is success.', { path: 'enip.status' });
export const serviceField = text(
  'service',
  'CIP services: Get_Attribute_Single, Read_Tag, …; Service-0x… without a name.',
  'service',
);
export const classField = text('class', 'CIP classes that services are asked of; Class-0x… without a name.', 'class');
export const vendorField: SessionField = {
  ...text('vendor', 'Vendors of devices that say who they are, by the names of Arkime; Vendor-N without one.', 'vendor'),
  only: 'arkime',
};
export const vendorNumberField: SessionField = {
  ...{ name: 'enip.vendor_id', type: 'long', many: true },
  meaning: 'Vendors of devices that say who they are, by their numbers at ODVA.',
};
export const productField = text('product', 'Names of products.', 'product');
export const deviceTypeField = text('device_type', 'Types of devices: DeviceType-0x000c, …', 'deviceType', 'device-type');

export const sessionFields = [
  commandField,
  statusField,
  serviceField,
  classField,
  vendorField,
  vendorNumberField,
  productField,
  deviceTypeField,
];
