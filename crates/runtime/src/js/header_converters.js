// What the standard takes for bytes of headers is any text in Workers: it leaves as UTF-8. Must be loaded before
// whatever takes the converters from their table.

(function () {
const { core } = __bootstrap;
const { converters, createRecordConverter, createSequenceConverter } = core.loadExtScript(
  "ext:deno_webidl/00_webidl.js",
);

const text = converters.USVString;
const list = createSequenceConverter(text);
converters.ByteString = text;
converters["sequence<ByteString>"] = list;
converters["sequence<sequence<ByteString>>"] = createSequenceConverter(list);
converters["record<ByteString, ByteString>"] = createRecordConverter(text, text);
})();
