import { $, db } from 'sdk.do'

export class UserCache {
  declare state: DurableObjectState

  async getUser(userId: string) {
    // Check cache
    let user = await this.state.storage.get(`user:${userId}`)

    if (!user) {
      // Load from database
      user = await db.get($.Person, userId)
      await this.state.storage.put(`user:${userId}`, user)
    }

    return user
  }
}
