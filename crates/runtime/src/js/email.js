// The module "cloudflare:email": a message as an app makes one. Nothing here sends it.

(function () {

class EmailMessage {
  #from;
  #to;

  constructor(from, to, _raw) {
    if (arguments.length < 3) {
      throw new TypeError(
        `Failed to construct 'EmailMessage': 3 arguments required, but only ${arguments.length} present.`,
      );
    }
    this.#from = `${from}`;
    this.#to = `${to}`;
  }

  get from() {
    return this.#from;
  }

  get to() {
    return this.#to;
  }
}

return { EmailMessage };
})();
