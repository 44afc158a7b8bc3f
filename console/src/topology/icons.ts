import type { TopologyNode } from './build.ts'

const box = 'M3 7h18v10H3z'
const screen = 'M3 5h18v11H3zM9 20h6M12 16v4'

/** Line drawings in a 24 × 24 field. */
export const iconPaths: Record<TopologyNode['icon'], string> = {
  internet: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c-5 6-5 12 0 18M12 3c5 6 5 12 0 18',
  provider: 'M12 21V9M8 21h8M12 9a1.5 1.5 0 1 0 0-3a1.5 1.5 0 1 0 0 3M7 12a6 6 0 0 1 0-9M17 12a6 6 0 0 0 0-9',
  processor: 'M2 6h20v12H2zM2 10h20M5 15h5',
  appliance: 'M4 8h16v9H4zM8 17v2M16 17v2M8 12h.01M12 12h5',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  router: 'M3 12h18v7H3zM7 15.5h.01M11 15.5h.01M7 12V5M17 12V5M10 7a3 3 0 0 1 4 0',
  firewall: 'M4 4h16v16H4zM4 9h16M4 15h16M12 4v5M8 9v6M16 9v6M12 15v5',
  switch: `${box}M6 13h2M10 13h2M14 13h2M18 13h.01`,
  'access-point': 'M12 19h.01M8.5 15a5 5 0 0 1 7 0M5.5 11.5a9 9 0 0 1 13 0',
  modem: `${box}M7 12h.01M11 12h.01M15 12h3`,
  'pos-terminal': 'M7 2h10v20H7zM9.5 5h5v4h-5zM10 13h.01M12 13h.01M14 13h.01M10 16h.01M12 16h.01M14 16h.01',
  'pos-workstation': screen,
  printer: 'M6 9V3h12v6M4 9h16v8H4zM7 14h10v7H7z',
  ups: 'M6 3h12v18H6zM13 7l-3 5h4l-3 5',
  pdu: 'M3 9h18v6H3zM7 12h.01M12 12h.01M17 12h.01',
  environment: 'M10 3h4v11a4 4 0 1 1-4 0zM12 9v8',
  camera: 'M3 7h13v10H3zM16 11l5-3v8l-5-3',
  phone: 'M6 3h4l2 5-3 2a12 12 0 0 0 5 5l2-3 5 2v4c-9 2-17-6-15-15',
  server: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01',
  storage: 'M5 6c0-3 14-3 14 0v12c0 3-14 3-14 0zM5 6c0 3 14 3 14 0M5 12c0 3 14 3 14 0',
  workstation: screen,
  mobile: 'M8 2h8v20H8zM12 19h.01',
  iot: 'M8 8h8v8H8zM10 4v4M14 4v4M10 16v4M14 16v4M4 10h4M4 14h4M16 10h4M16 14h4',
  unknown: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.5l-1 1v1M12 17h.01',
}
