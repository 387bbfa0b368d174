import type { Stage } from '../../model/obstacle.ts'

/** Outlines of 24 by 24, drawn with a line of the text's colour; the stranger is the Internet. */
export const STAGE_ICONS: Readonly<Record<Stage | 'stranger', string>> = {
  stranger: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M3.5 9.5h17M3.5 14.5h17M12 3c-5 5-5 13 0 18c5-5 5-13 0-18',
  provider:
    'M12 21V10M8.5 21l3.5-11l3.5 11M9.8 17h4.4M12 7.5a1 1 0 1 0 0-.1M7.5 11a6 6 0 0 1 0-7.5M16.5 11a6 6 0 0 0 0-7.5',
  carrier: 'M4 8h13M13.5 4.5L17 8l-3.5 3.5M20 16H7M10.5 12.5L7 16l3.5 3.5',
  router: 'M4 13h16v6H4zM7.5 16h.1M11 16h.1M8 13V5M16 13V5',
  'host-firewall': 'M12 3l7.5 2.8V11c0 4.7-3 8-7.5 10c-4.5-2-7.5-5.3-7.5-10V5.8z',
  container: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5l8-4.5M12 12v9',
  process: 'M5 4.5h14v6.5H5zM5 13h14v6.5H5zM8.5 7.8h.1M8.5 16.3h.1M13 7.8h3M13 16.3h3',
}

export const STATE_ICONS = {
  pass: 'M7 12.5l3.5 3.5L17 8.5',
  block: 'M8 8l8 8M16 8l-8 8',
  unknown: 'M9.3 9.5a2.7 2.7 0 1 1 4 2.4c-.9.5-1.3 1-1.3 1.9M12 16.8v.1',
} as const
