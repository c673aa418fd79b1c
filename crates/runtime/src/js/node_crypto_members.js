// Members of `node:crypto` that workerd has and Deno has not.

(function () {
const { core } = __bootstrap;
const { KeyObject, PrivateKeyObject, PublicKeyObject, SecretKeyObject } = core.loadExtScript(
  "ext:deno_node/internal/crypto/keys.js",
);

// Gone from Node.js since version 22.
function gone(name) {
  const member = {
    [name]() {
      const error = new Error(`The ${name} method is not implemented`);
      error.code = "ERR_METHOD_NOT_IMPLEMENTED";
      throw error;
    },
  };
  return member[name];
}

return {
  Cipher: gone("Cipher"),
  createCipher: gone("createCipher"),
  createDecipher: gone("createDecipher"),
  CryptoKey: globalThis.CryptoKey,
  Decipher: gone("Decipher"),
  fips: false,
  KeyObject,
  PrivateKeyObject,
  PublicKeyObject,
  SecretKeyObject,
};
})();
