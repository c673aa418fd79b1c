// What the two sides of an RPC session say to each other. Each message is a list, which arrives as a copy; the first is
// its kind:
//
//   [CALL, id, isAnswer, on, path, depth, sent]   a call (or a read, if `sent` is null) of `path` on something of the
//                                  receiver's; `id`, chosen by the sender, names the result; `depth` calls led to it;
//                                  a path of one name is that name
//   [VALUE, id, value]             a result that is primitive and small
//   [RESULT, id, sent], [FAILURE, id, sent]
//   [FINISH, id]                   the caller uses the result `id` no more
//   [RELEASE, id, count]           the sender holds its import `id` so many times less
//   [CLOSE, error]                 the sender gives up
//
// `on` is a number of the receiver's table (0 is its main object), or that of a call that the sender has made
// before: what is called on a result needs not wait for it. `sent` is what rpc_values.js makes of a value; or a list
// of arguments as it is, if they all are primitive and small.

(function () {

const CALL = 0;
const VALUE = 1;
const RESULT = 2;
const FAILURE = 3;
const FINISH = 4;
const RELEASE = 5;
const CLOSE = 6;

// What the other side may keep of a result until it hears of something else: characters, or bytes of its encoding.
const SMALL = 1024;

// Values that need no encoding of their own.
function isSmall(value) {
  switch (typeof value) {
    case "string":
      return value.length <= SMALL;
    case "object":
      return value === null;
    case "function":
    case "symbol":
      return false;
  }
  return true;
}

// Tells a function of the app's by `settle(failed, value)` what it gives, or throws.
function settleBy(run, settle) {
  let result;
  try {
    result = run();
  } catch (error) {
    return settle(true, error);
  }
  if (typeof result?.then !== "function") return settle(false, result);
  Promise.resolve(result).then((value) => settle(false, value), (error) => settle(true, error));
}

// Runs a call that needs no context; what it calls comes in by `come`, if that is given.
function letIn(run, come, _depth, _isMain, _path, settle) {
  if (come === undefined) settleBy(run, settle);
  else come(() => settleBy(run, settle));
}

return { CALL, CLOSE, FAILURE, FINISH, isSmall, letIn, RELEASE, RESULT, settleBy, SMALL, VALUE };
})();
