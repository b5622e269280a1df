/** A block of the service manual. */
export type ManualBlock =
  | { kind: 'title' | 'heading' | 'subheading' | 'text' | 'step'; text: string }
  | { kind: 'table'; rows: ReadonlyArray<readonly string[]> };

/** Text of examples/documents/service-manual.docx. */
export const SERVICE_MANUAL: readonly ManualBlock[] = [
  { kind: 'title', text: 'Clover Service Manual' },
  { kind: 'text', text: 'For trained service partners. Covers the mowers with item numbers MB-2001 and MB-2002, serial numbers from C26-00001.' },
  { kind: 'heading', text: 'Before you start' },
  { kind: 'text', text: 'Switch the mower off at the main switch, wait ten seconds and lay it upside down on a soft mat. Wear gloves that resist cuts.' },
  { kind: 'heading', text: 'Changing the blades' },
  { kind: 'step', text: 'Loosen the three screws of each blade with a T20 key.' },
  { kind: 'step', text: 'Fit the new blades so that they swing freely.' },
  { kind: 'step', text: 'Tighten the screws with a torque of 2.5 Nm. Use new screws: they carry a locking compound that works once.' },
  { kind: 'heading', text: 'Replacing the battery' },
  { kind: 'text', text: 'The battery pack sits below the rear cover behind six screws. Pull the plug by its housing, never by the cable. After the replacement choose Service, New battery in the menu, so that the counter of charging cycles starts at zero.' },
  { kind: 'text', text: 'A pack is worn out when its capacity is below 70 percent. That is the case after about 900 charging cycles.' },
  { kind: 'heading', text: 'Error codes' },
  { kind: 'text', text: 'The display shows the code and the log keeps the last fifty of them.' },
  {
    kind: 'table',
    rows: [
      ['Code', 'Meaning', 'Remedy'],
      ['E-04', 'Boundary wire interrupted', 'Measure the wire, renew the connector'],
      ['E-09', 'Tilt sensor triggered', 'Put the mower on level ground and restart it'],
      ['E-12', 'Blade disc blocked', 'Remove grass and twigs, check the bearing'],
      ['E-17', 'Wheel motor overheated', 'Let it cool for 20 minutes, clean the wheel hubs'],
      ['E-23', 'Charging contacts dirty', 'Clean the contacts with alcohol'],
      ['E-31', 'No satellite reception', 'Check the antenna plug below the display'],
    ],
  },
  { kind: 'heading', text: 'Winter storage' },
  { kind: 'text', text: 'Store the mower in a dry room between 5 and 20 degrees Celsius with the battery charged to 60 percent. Charge it again every three months.' },
  { kind: 'subheading', text: 'Starting again in spring' },
  { kind: 'text', text: 'Fit new blades, clean the charging contacts and update the firmware before the first mowing.' },
  { kind: 'heading', text: 'Cleaning and seals' },
  { kind: 'text', text: 'Clean with a damp cloth. The housing withstands splashing water, not a jet of water. Renew the grey rubber seal each time the housing was opened, and test it in the pressure chamber at 80 millibar for one minute.' },
];
