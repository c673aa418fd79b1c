import { crop, grayscale, PhotonImage, resize, SamplingFilter, watermark } from "@cf-wasm/photon";
import { equal, fails, program } from "./check";

function image() {
  const pixels = new Uint8Array(64 * 64 * 4);
  for (let i = 0; i < pixels.length; i++) pixels[i] = i % 4 === 3 ? 255 : (i * 7) & 255;
  return new PhotonImage(pixels, 64, 64);
}

const sum = (bytes: Uint8Array) => bytes.reduce((all, byte) => (Math.imul(all, 31) + byte) >>> 0, 7);

export default program({
  "resize, encode, decode"() {
    const large = image();
    const small = resize(large, 16, 12, SamplingFilter.Lanczos3);
    equal([small.get_width(), small.get_height(), sum(small.get_raw_pixels())], [16, 12, 4081304303]);
    const png = small.get_bytes();
    equal(sum(PhotonImage.new_from_byteslice(png).get_raw_pixels()), 4081304303);
    equal(PhotonImage.new_from_byteslice(small.get_bytes_jpeg(80)).get_height(), 12);
    equal(new TextDecoder().decode(small.get_bytes_webp().slice(8, 12)), "WEBP");
    large.free();
    small.free();
  },
  "change"() {
    const one = image();
    grayscale(one);
    const part = crop(one, 4, 4, 20, 20);
    watermark(one, part, 2n, 3n);
    equal([part.get_width(), sum(part.get_raw_pixels()), sum(one.get_raw_pixels())], [16, 2493895191, 2854365991]);
    one.free();
  },
  async "no image"() {
    await fails(() => PhotonImage.new_from_byteslice(new Uint8Array([1, 2, 3])), "");
  },
});
