// Which transaction the running code belongs to: needed to tell a transaction within another from one
// beside it. The engine does not carry that over `await`, so it is carried by the promises that storage
// returns: the code that awaits one runs with the context in which it was called. Code that awaits
// something else in between is taken for code outside.

(function () {
// { storage, txn, outer } or null.
let context = null;

// The innermost transaction of this storage that the running code is in, or null.
function current(storage) {
  for (let at = context; at !== null; at = at.outer) if (at.storage === storage) return at.txn;
  return null;
}

// Runs the callback in a transaction; its promise is the caller's, outside again.
function run(storage, txn, callback) {
  const outer = context;
  context = { storage, txn, outer };
  try {
    return Promise.resolve(callback(txn));
  } finally {
    context = outer;
  }
}

const then = Promise.prototype.then;

// A promise whose reactions run in the context of now.
function follow(promise) {
  if (context === null) return promise;
  return new Following(promise, context);
}

// Reactions of promises run in the order in which they were asked for. So between one job that enters the
// context and another that leaves it, there is the one that goes on with the code that waits.
class Following {
  #promise;
  #context;

  constructor(promise, own) {
    this.#promise = promise;
    this.#context = own;
  }

  then(fulfilled, rejected) {
    const own = this.#context;
    const around = (reaction) => (value) => {
      let before;
      queueMicrotask(() => {
        before = context;
        context = own;
      });
      const result = reaction(value);
      queueMicrotask(() => {
        context = before;
      });
      return result;
    };
    const result = then.call(
      this.#promise,
      typeof fulfilled === "function" ? around(fulfilled) : fulfilled,
      typeof rejected === "function" ? around(rejected) : rejected,
    );
    return result;
  }

  catch(rejected) {
    return this.then(undefined, rejected);
  }

  finally(callback) {
    return this.then(
      async (value) => {
        await callback();
        return value;
      },
      async (error) => {
        await callback();
        throw error;
      },
    );
  }
}
Object.setPrototypeOf(Following.prototype, Promise.prototype);

return { current, follow, run };
})();
