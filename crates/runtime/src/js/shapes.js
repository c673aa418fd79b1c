// Shapes of objects that events make again and again. The engine forgets a shape with the last object that has it,
// and would make it anew for each event, property by property; so one object of each shape is kept here.

(function () {
const kept = [];

// Keeps the shapes that an object has from its creation until it is like `sample`, whose properties are all
// named by symbols, or all by strings, and were set in their order.
function keepShapes(sample) {
  const prototype = Object.getPrototypeOf(sample);
  const names = Reflect.ownKeys(sample);
  for (let count = 0; count <= names.length; count++) {
    const object = Object.create(prototype);
    for (const name of names.slice(0, count)) object[name] = undefined;
    kept.push(object);
  }
  kept.push(sample);
}

return { keepShapes };
})();
