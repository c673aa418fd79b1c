import { $ } from 'sdk.do'
import { handler } from './heard'

// State types
$.State
$.Session
$.Cache
$.Counter

// State operations
export async function operations(key: string, value: unknown) {
  const before = await $.state.get(key)
  await $.state.set(key, value)
  const after = await $.state.get(key)
  await $.state.delete(key)
  return [before, after, await $.state.get(key)]
}

// State events
on($.State.updated, handler)
on($.Session.expired, handler)
