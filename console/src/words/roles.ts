import type { DeviceRole } from '@proactive/shared'

export const roleWords: Record<DeviceRole, string> = {
  router: 'Router',
  firewall: 'Firewall',
  switch: 'Switch',
  'access-point': 'Access point',
  modem: 'Modem',
  'pos-terminal': 'POS terminal',
  'pos-workstation': 'POS workstation',
  printer: 'Printer',
  ups: 'UPS',
  pdu: 'Power strip (PDU)',
  environment: 'Environment sensor',
  camera: 'Camera',
  phone: 'Phone',
  server: 'Server',
  storage: 'Storage',
  workstation: 'Workstation',
  mobile: 'Mobile device',
  iot: 'Thing (IoT)',
  unknown: 'Unknown',
}
