// The snippets of the document of state.do that use `sdk.do`, each in a file of its own, as it stands there but
// for the declaration of `state`. What runs them is here.

import { db, state } from 'sdk.do'
import { Conversation } from './conversation'
import { Heard, handler } from './heard'
import { Order } from './order'
import { operations } from './patterns'
import { UserCache } from './user_cache'

export { Conversation, Heard, Order, UserCache }

on($.Order.created, handler)

export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/user': {
        await db.upsert($.Person, 'ada', { name: 'Ada' })
        const cache = await state.get(UserCache, 'all')
        const user = await cache.getUser('ada')
        await db.delete($.Person, 'ada')
        return Response.json([user, await cache.getUser('ada')])
      }
      case '/order':
        await (await state.get(Order, 'o1')).create({ id: 'o1', total: 7 })
        return Response.json(null)
      case '/conversation':
        return Response.json(await (await state.get(Conversation, 'c')).addMessage('hello'))
      case '/patterns':
        await (await state.get($.Session, 'ada')).create({}, { ttl: 1 })
        return Response.json(await operations('k', { a: 1 }))
      default:
        return Response.json(await (await state.get(Heard, 'all')).all())
    }
  },
} satisfies ExportedHandler<Env>
