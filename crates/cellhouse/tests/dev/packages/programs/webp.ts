import decode, { init as initDecode } from "@jsquash/webp/decode";
import encode, { init as initEncode } from "@jsquash/webp/encode";
import DECODER from "@jsquash/webp/codec/dec/webp_dec.wasm";
import ENCODER from "@jsquash/webp/codec/enc/webp_enc_simd.wasm";
import { equal, fails, program } from "./check";

(globalThis as any).ImageData ??= class {
  constructor(public data: Uint8ClampedArray, public width: number, public height: number) {}
};

function image() {
  const data = new Uint8ClampedArray(32 * 32 * 4);
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : (i * 5) & 255;
  return { data, width: 32, height: 32, colorSpace: "srgb" } as ImageData;
}

export default program({
  async "lossless"() {
    await initEncode(ENCODER);
    await initDecode(DECODER);
    const { width, height, data } = await decode(await encode(image(), { lossless: 1 }));
    equal([width, height, [...data]], [32, 32, [...image().data]]);
  },
  async "lossy"() {
    const large = await encode(image(), { quality: 90 });
    const small = await encode(image(), { quality: 10, method: 6 });
    equal([large.byteLength, small.byteLength], [626, 332]);
    equal((await decode(small)).data.length, 4096);
  },
  async "no image"() {
    await fails(() => decode(new ArrayBuffer(4)), "Decoding error");
  },
});
