import initYoga from "yoga-wasm-web";
import wasm from "yoga-wasm-web/dist/yoga.wasm";
import { equal, program } from "./check";

export default program({
  async "layout"() {
    const Yoga = await initYoga(wasm as any);
    const root = Yoga.Node.create();
    root.setWidth(300);
    root.setHeight(100);
    root.setFlexDirection(Yoga.FLEX_DIRECTION_ROW);
    const children = [1, 2].map((grow, index) => {
      const child = Yoga.Node.create();
      child.setFlexGrow(grow);
      child.setMargin(Yoga.EDGE_ALL, 3);
      root.insertChild(child, index);
      return child;
    });
    const text = Yoga.Node.create();
    text.setMeasureFunc((width) => ({ width: Math.min(width, 30), height: 20 }));
    root.insertChild(text, 2);
    root.calculateLayout(undefined, undefined, Yoga.DIRECTION_LTR);
    equal(children.map((it) => it.getComputedLayout()).map(({ left, width, height }) => [left, width, height]), [[3, 86, 94], [95, 172, 94]]);
    equal([text.getComputedLeft(), text.getComputedWidth()], [270, 30]);
    text.unsetMeasureFunc();
    root.freeRecursive();
  },
  async "config, errors, many"() {
    const Yoga = await initYoga(wasm as any);
    const config = Yoga.Config.create();
    config.setPointScaleFactor(2);
    const node = Yoga.Node.create(config);
    node.setWidth("50%" as any);
    node.setHeight(10.3);
    node.calculateLayout(201, 50, Yoga.DIRECTION_LTR);
    equal([node.getComputedWidth(), node.getComputedHeight(), node.getWidth().value], [100.5, 10.5, 50]);
    for (let i = 0; i < 300; i++) Yoga.Node.create().free();
    node.free();
  },
  async "twice"() {
    const [one, other] = [await initYoga(wasm as any), await initYoga(wasm as any)];
    equal(one.Node.create().getChildCount() + other.Node.create().getChildCount(), 0);
  },
});
