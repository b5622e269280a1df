/** A page of the handbook: its title and paragraphs. */
export type HandbookPage = { title: string; paragraphs: readonly string[] };

/** Text of examples/documents/handbook.pdf, one entry a page. */
export const HANDBOOK: readonly HandbookPage[] = [
  {
    title: 'Mossbyte Employee Handbook',
    paragraphs: [
      'Edition of September 2026. This handbook is for everybody who works at Mossbyte, in the office, in the workshop and on the road.',
      'Mossbyte builds small robots that look after gardens. Clover mows lawns, Thistle pulls out weeds, and Dew waters vegetable beds. Eighty-six people work for us at two sites: the head office and workshop in Lindau, and the sales office in Sapporo.',
      'We decide in small teams, we write decisions down, and we repair before we replace. Who finds a rule in this handbook that no longer makes sense tells the people team at extension 210; the next edition will be better for it.',
      'New colleagues get a mentor for the first ninety days. In the second week every newcomer assembles one robot in the workshop, whatever the job will be.',
    ],
  },
  {
    title: 'Working time and leave',
    paragraphs: [
      'A full week has 38 hours. You choose when you start, between 6:30 and 10:00, and you record your hours in the time sheet yourself. Meetings are held between 10:00 and 15:00.',
      'Everybody has 29 days of paid leave a year. Up to 5 unused days move to the next year and must be taken before the end of March. Ask your team lead for leave of more than two weeks at least eight weeks ahead.',
      'Who falls ill calls the team lead before 9:00 on the first day. A certificate from a doctor is needed from the fourth day on.',
      'Parents may work part time, from 20 hours a week, until their child is eight years old. Requests are answered within three weeks.',
      'You may work from home on up to three days a week. Colleagues in the workshop collect home days for planning and training, up to two a month.',
    ],
  },
  {
    title: 'Travel and expenses',
    paragraphs: [
      'Travel by train whenever the journey takes less than six hours. Flights need the approval of your team lead before they are booked.',
      'Hotel rooms are paid up to 140 euros per night, breakfast included. In Sapporo and in capital cities the limit is 185 euros. Book through the travel desk, which knows our rates.',
      'The daily allowance for meals is 38 euros. On the day of departure and on the day of return it is 19 euros. Meals that a customer or the hotel provides are deducted.',
      'Hand in receipts with form TR-12 within 30 days after the journey. Money is paid out with the next salary. Lost receipts are replaced by a signed note for amounts below 25 euros only.',
      'With your own car you get 0.34 euros a kilometre. Take a pool car for distances over 200 kilometres.',
    ],
  },
  {
    title: 'Safety in the workshop',
    paragraphs: [
      'Wear safety glasses and closed shoes in the workshop at all times. Visitors get both at the entrance and are never alone.',
      'Remove the battery before you touch the blades of a robot. Test runs with blades take place behind the fence only, with a second person at the emergency stop.',
      'Damaged lithium batteries go into the red steel box beside gate 3, never into the ordinary waste. A swollen battery is not carried by hand: use the tongs and the sand bucket.',
      'First aid kits hang at gates 1 and 4. The defibrillator is in the corridor next to the kitchen. Every accident, however small, is entered in the accident book on the same day.',
      'The assembly point after an alarm is the bicycle stand in front of building B.',
    ],
  },
  {
    title: 'Equipment and information security',
    paragraphs: [
      'You get a laptop, a telephone and, in the workshop, a set of tools with your name. Laptops are replaced after four years; you may buy the old one for 15 percent of its price.',
      'Lock your screen when you leave your desk. Passwords have at least 14 characters and live in the password manager. Report a lost device to extension 333 within one hour, at night too.',
      'Customer addresses and garden maps are personal data. They stay on our servers, are never sent by e-mail, and are deleted 24 months after the last contact.',
    ],
  },
];
