// Many WebSocket clients that cost the bench next to nothing: bare sockets that count the bytes of messages whose length
// is known, instead of reading them. They speak to servers on 127.0.0.1 that are known to behave, and to nobody else.

import net from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const OPENED_AT_ONCE = 50;
const OPEN_LIMIT_MS = 20_000;
const HEAD_END = Buffer.from("\r\n\r\n");
/** Header of a server's frame of up to 125 bytes. */
const HEADER_BYTES = 2;

export class Crowd {
  #sockets = [];
  #received = 0;
  #lost = 0;
  #told = () => {};
  #buffer = Buffer.alloc(64 << 10);

  /** Opens `count` sockets on `path`. */
  static async open(port, path, count) {
    const crowd = new Crowd();
    try {
      while (crowd.#sockets.length < count) {
        const batch = Math.min(OPENED_AT_ONCE, count - crowd.#sockets.length);
        await Promise.all(Array.from({ length: batch }, () => crowd.#open(port, path)));
      }
    } catch (error) {
      crowd.close();
      throw error;
    }
    return crowd;
  }

  async #open(port, path) {
    let head = Buffer.alloc(0);
    let opened;
    const isOpen = new Promise((resolve, reject) => (opened = { resolve, reject }));
    const callback = (count) => {
      if (!opened) return this.#count(count);
      head = Buffer.concat([head, this.#buffer.subarray(0, count)]);
      const end = head.indexOf(HEAD_END);
      if (end < 0) return true;
      const status = head.toString("latin1", 0, head.indexOf("\r\n"));
      if (status.startsWith("HTTP/1.1 101 ")) opened.resolve();
      else opened.reject(new Error(`${path} answered ${status}`));
      opened = undefined;
      return this.#count(head.length - end - HEAD_END.length);
    };
    // All sockets share a buffer: what it holds is looked at before the next is read.
    const socket = net.connect({ host: "127.0.0.1", port, onread: { buffer: this.#buffer, callback } });
    this.#sockets.push(socket);
    socket.on("error", (error) => opened?.reject(error));
    socket.on("close", () => {
      this.#lost++;
      opened?.reject(new Error(`${path} closed the connection`));
    });
    await once(socket, "connect");
    socket.setNoDelay();
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const late = setTimeout(() => opened?.reject(new Error(`${path} did not answer the handshake`)), OPEN_LIMIT_MS);
    await isOpen.finally(() => clearTimeout(late));
  }

  #count(bytes) {
    this.#received += bytes;
    this.#told();
    return true;
  }

  /** The first socket says something, and everybody hears it, again and again for `seconds`; `ahead` messages are on
   * their way at a time. Messages that arrived per second. */
  async chat(seconds, ahead) {
    const text = "a message to all of the room, of 50 characters each";
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    const round = (HEADER_BYTES + text.length) * this.#sockets.length;
    let said = 0;
    let over = false;
    const begin = this.#received;
    const sayMore = () => {
      while (!over && said * round - (this.#received - begin) < ahead * round) {
        said++;
        this.#sockets[0].write(frame);
      }
    };
    this.#told = sayMore;
    sayMore();
    const [since, before] = [performance.now(), this.#received];
    await sleep(seconds * 1000);
    const messages = (this.#received - before) / (HEADER_BYTES + text.length);
    const took = (performance.now() - since) / 1000;
    over = true;
    await this.#arrives(begin + said * round);
    this.#told = () => {};
    return messages / took;
  }

  /** Fails unless as many bytes arrive as were to be sent. */
  async #arrives(bytes) {
    for (let waited = 0; this.#received < bytes && !this.#lost && waited < OPEN_LIMIT_MS; waited += 10) await sleep(10);
    if (this.#lost) throw new Error(`${this.#lost} WebSockets were closed`);
    if (this.#received !== bytes) throw new Error(`${this.#received} bytes of messages arrived instead of ${bytes}`);
  }

  close() {
    this.#sockets.forEach((socket) => socket.destroy());
  }
}
