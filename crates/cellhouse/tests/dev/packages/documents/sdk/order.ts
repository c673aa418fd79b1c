import { send } from 'sdk.do'

export class Order {
  declare state: DurableObjectState

  async create(orderData: any) {
    await this.state.storage.put('order', orderData)
    await this.state.storage.put('status', 'pending')

    // Publish event
    await send($.Order.created, orderData)
  }
}
