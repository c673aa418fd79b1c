import { ai } from 'sdk.do'

export class Conversation {
  declare state: DurableObjectState

  async addMessage(message: string) {
    const history = (await this.state.storage.get<string[]>('messages')) || []
    history.push(message)

    // Generate AI response
    const response = await ai.generate(message, {
      context: { history },
    })

    history.push(response)
    await this.state.storage.put('messages', history)

    return response
  }
}
