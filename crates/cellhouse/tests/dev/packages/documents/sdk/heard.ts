// What the snippets leave open: a handler, and an object that keeps what it got.

import { type Event, state } from 'sdk.do'

export class Heard {
  events: string[] = []

  async add(event: string) {
    this.events.push(event)
    await state.save(this)
  }

  all() {
    return this.events
  }
}

export async function handler(event: Event) {
  const heard = await state.get(Heard, 'all')
  await heard.add(`${event.$type} ${event.what.id}`)
}
