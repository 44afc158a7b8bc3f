import { describe, expect, it } from 'vitest'
import { complaintAbout, parseLocationCsv } from './new-location.ts'

describe('Locations from CSV', () => {
  it('reads columns in any order, quoted cells, and fills in opening hours', () => {
    const [draft] = parseLocationCsv(
      'customer number,name,time zone,latitude,longitude\r\nC-1,"Café ""Sol"", Lindau",Europe/Berlin,47.5,9.7\r\n',
    )
    expect(draft).toMatchObject({
      name: 'Café "Sol", Lindau',
      customerNumber: 'C-1',
      coordinates: '47.5, 9.7',
      from: '08:00',
    })
    expect(draft && complaintAbout(draft)).toBeUndefined()
  })
  it.each([
    ['name,customer number\n,C-1', 'the name is missing'],
    ['name,customer number\nShop,', 'the Customer number is missing'],
    [
      'name,customer number,time zone\nShop,C-1,Mars/Base',
      '"Mars/Base" is no time zone, such as Europe/Berlin',
    ],
    ['name,customer number,latitude,longitude\nShop,C-1,95,9', expect.stringContaining('latitude')],
    ['name,customer number,opens\nShop,C-1,25:00', expect.stringContaining('calendar')],
  ])('names what is wrong in %j', (text, complaint) => {
    const [draft] = parseLocationCsv(text)
    expect(draft && complaintAbout(draft)).toEqual(complaint)
  })
})
