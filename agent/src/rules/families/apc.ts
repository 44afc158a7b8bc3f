import { column, type ProductRule, said, scalar, type VendorFamily } from '../rule.ts'

/** experimental memAgent table: row 1 is the card's operating system, row 2 its application. */
const cardVersion = [column('318.1.4.2.4.1.4', /v?(\d\S*)/), said(/PF: ?v?(\d[^ )]*)/)]
/** "APC Web/SNMP Management Card (MB:… PN:… MN:AP9617 … SN: …)": the card, where the unit behind it is not told. */
const cardModel = [
  said(/^APC (Web\/SNMP Management Card) .*?MN: ?(\S+)[^()]*\)\s*$/),
  said(/^APC (Embedded PowerNet SNMP Agent) .*MOD: (\w+)/),
  said(/^APC ([^(]+?) \(MB:/),
]
const cardPart = said(/MN: ?((?!UPS_IDEN)[A-Z]\w+)/)
const cardSerial = said(/SN: ?(?!F{12})(\w+)/)
const line = (rule: Omit<ProductRule, 'version' | 'ownWordsOnly'>): ProductRule => ({
  ...rule,
  version: cardVersion,
  ownWordsOnly: true,
})

/** PowerNet-MIB: ident groups of UPS (1.1.1.1), rack PDU (1.1.12, 1.1.4), transfer switch (1.1.8), air (1.1.13), environment (1.1.10). */
export const apcFamilies: readonly VendorFamily[] = [
  {
    vendor: 'APC',
    lines: [
      line({
        line: 'PowerNet card',
        objectId: ['318'],
        role: 'ups',
        roleBy: [
          [/PDU|MasterSwitch|Transfer/i, 'pdu'],
          [/Environmental|Air|Uniflair|InRow|NetBotz/i, 'environment'],
        ],
        model: [...cardModel, cardPart],
        serial: [cardSerial],
      }),
      line({
        line: 'Smart-UPS',
        objectId: [
          '318.1.3.2',
          '318.1.3.5',
          '318.1.3.27',
          '318.1.3.1',
          '318.1.3.10',
          '318.1.3.17',
          '318.1.3.20',
          '318.1.3.29',
          '318.1.3.31',
        ],
        role: 'ups',
        model: [scalar('318.1.1.1.1.1.1.0'), cardPart],
        serial: [scalar('318.1.1.1.1.2.3.0', /^(?!F{12})(.+)/), cardSerial],
      }),
      line({
        line: 'UPS behind a card',
        objectId: ['318'],
        has: ['318.1.1.1.1.1.1'],
        role: 'ups',
        model: [scalar('318.1.1.1.1.1.1.0')],
        serial: [scalar('318.1.1.1.1.2.3.0')],
      }),
      line({
        line: 'rack PDU',
        objectId: ['318.1.3.4'],
        role: 'pdu',
        model: [
          scalar('318.1.1.12.1.5.0'),
          scalar('318.1.1.4.1.4.0'),
          column('318.1.1.26.2.1.8'),
          ...cardModel,
          cardPart,
        ],
        serial: [
          scalar('318.1.1.12.1.6.0'),
          scalar('318.1.1.4.1.5.0'),
          column('318.1.1.26.2.1.9'),
          cardSerial,
        ],
      }),
      line({
        line: 'transfer switch',
        objectId: ['318.1.3.11', '318.1.3.32'],
        role: 'pdu',
        model: [scalar('318.1.1.8.1.5.0'), ...cardModel],
        serial: [scalar('318.1.1.8.1.6.0')],
      }),
      line({
        line: 'environment monitor',
        objectId: ['318.1.3.8', '318.1.3.6', '318.1.3.30'],
        role: 'environment',
        model: [...cardModel, scalar('318.1.1.10.1.1.2.0'), cardPart],
        serial: [scalar('318.1.1.10.1.1.5.0'), cardSerial],
      }),
      line({
        line: 'cooling unit',
        objectId: ['318.1.3.14', '318.1.3.19', '318.1.3.21'],
        role: 'environment',
        model: [
          scalar('318.1.1.13.2.5.0'),
          scalar('318.1.1.13.3.1.4.0'),
          scalar('318.1.1.13.3.2.1.5.0'),
          scalar('318.1.1.27.1.2.1.4.0'),
          ...cardModel,
          cardPart,
        ],
        serial: [scalar('318.1.1.13.2.6.0'), cardSerial],
      }),
      {
        line: 'NetBotz',
        objectId: ['5528', '52674'],
        role: 'environment',
        model: [said(/(?:Botz|NetBotz|APC) (\S*\d\S*)/), said(/^(.+?),/)],
        version: [said(/[vV](?:ersion )?(\d[\w.]+)/)],
      },
      {
        line: 'PowerChute',
        objectId: ['318.1.3.7'],
        role: 'ups',
        model: [scalar('318.1.1.1.1.1.1.0')],
        version: cardVersion,
      },
    ],
  },
]
